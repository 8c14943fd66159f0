"""Where a function is tried: sizes, regimes of values, and the points that equations ask for."""
