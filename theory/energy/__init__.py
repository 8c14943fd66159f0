"""Energies: units, machines and what follows from them."""
