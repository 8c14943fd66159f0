"""How equations are printed: text, LaTeX, and matrix notation, over one layout."""
