"""Steps that several proofs of universality share, each with what it rests on."""
