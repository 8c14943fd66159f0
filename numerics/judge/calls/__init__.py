"""The function under test: how it is called, what it returns, and what it does besides."""
