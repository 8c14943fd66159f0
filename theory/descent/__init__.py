"""What follows from an optimiser's equations: its iteration on a model, when that converges."""
