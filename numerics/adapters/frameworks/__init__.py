"""The frameworks whose functions can be judged: one small file each, listed here."""

from backproof.numerics.adapters.frameworks.autograd import autograd
from backproof.numerics.adapters.frameworks.framework import Framework
from backproof.numerics.adapters.frameworks.jax import jax
from backproof.numerics.adapters.frameworks.torch import torch

FRAMEWORKS: tuple[Framework, ...] = (torch, jax, autograd)

__all__ = ["FRAMEWORKS", "Framework", *(f.name for f in FRAMEWORKS)]
