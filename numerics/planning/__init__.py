"""The planner: from the lines of the equations to a program that computes only what a call needs.

What runs is what `bp.compile` shows, one block an equation; the planner decides where each quantity
lives, which parts of the lines depend on sizes alone and are kept between calls, and which of
several calls of NumPy that mean the same is made.  Each of these is a rule with a condition.
"""
