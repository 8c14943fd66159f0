"""What the theorems of universality compute: limits, transforms, constants, exact errors."""
