"""Kernels in C: the derived equations as loops, compiled by the machine's own compiler."""
