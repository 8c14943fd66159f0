"""Bounds and algorithms of the complexity of learning, run."""
