"""Algorithms of the lecture, run and measured against what is proved of them."""
