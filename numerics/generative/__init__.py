"""Generative models of the lecture: trees and sparse nets, sampled and read back."""
