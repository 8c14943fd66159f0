"""The derived equations as functions of JAX or torch, to take to an accelerator."""

from backproof.numerics.frameworks.dialect import Dialect
from backproof.numerics.frameworks.jax import jax
from backproof.numerics.frameworks.torch import torch

FRAMEWORKS = (jax, torch)

__all__ = ["FRAMEWORKS", "Dialect", *(f.name for f in FRAMEWORKS)]
