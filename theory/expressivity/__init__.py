"""What the theorems of expressivity derive: sawteeth, curvature, ranks."""
