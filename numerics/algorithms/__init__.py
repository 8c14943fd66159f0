"""Algorithms with a proof, run and measured."""
