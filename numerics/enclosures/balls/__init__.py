"""The ball engine: enclosures in Arb's ball arithmetic, which trusts no libm.

Needs the optional package python-flint (``pip install 'backproof[ball]'``), imported in
`backproof.numerics.enclosures.balls.arithmetic` alone.
"""
