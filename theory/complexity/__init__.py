"""What the theorems on the complexity of learning derive."""
