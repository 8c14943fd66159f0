"""Exact answers about literal machines: sums over discrete units, closed forms for the rest."""
