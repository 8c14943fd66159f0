"""Rewrites of equations, each an identity with a name: stability, softmax, tidying."""
