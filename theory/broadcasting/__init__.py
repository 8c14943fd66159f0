"""Broadcasting on trees: the census, beliefs, percolation and recursive plurality."""
