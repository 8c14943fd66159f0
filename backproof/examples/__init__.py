"""Example files: `backproof tour` uses them and leaves copies of them to try things on."""
