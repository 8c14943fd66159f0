"""The command line: one file a command, and the options and words that commands share."""
