"""Proofs that Coq checks: what is printed, and what `coqc` says about it."""
