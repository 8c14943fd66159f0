"""What the theorems on generative models derive."""
