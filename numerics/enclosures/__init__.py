"""Enclosures: numbers known to lie between two others, with rounding counted."""
