"""Pages about things: a model, a machine, a theorem, a certificate, a verdict."""
