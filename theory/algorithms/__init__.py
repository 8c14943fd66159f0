"""Algorithms with a proof: score functions and the moments they pair with."""
