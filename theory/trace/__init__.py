"""Reading a statement: NumPy source code becomes a model."""
