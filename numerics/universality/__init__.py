"""Universality with numbers: witnesses and their certified errors, and signed measures."""
