"""Stability of stochastic gradient descent: expansivity, growth, bounds and constants of losses."""
