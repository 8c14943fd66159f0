"""Properties of an activation, decided where they can be: holds, fails, or unknown."""
