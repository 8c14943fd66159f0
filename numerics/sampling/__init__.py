"""Samplers compiled from derived conditionals: Gibbs sweeps, learning by chains, annealing."""
