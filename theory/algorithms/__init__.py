"""What the theorems on algorithms derive."""
