"""Pictures: curves, graphs of machines, receptive fields, scenes that move."""
