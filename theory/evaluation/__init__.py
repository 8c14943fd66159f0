"""What equations mean: exact values, high precision, and plain SymPy."""
