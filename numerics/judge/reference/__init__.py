"""Reference values from the equations, and how far correct code in a format may lie from them."""
