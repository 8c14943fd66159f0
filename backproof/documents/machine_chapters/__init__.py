"""The chapters of a machine's page, one file each."""
