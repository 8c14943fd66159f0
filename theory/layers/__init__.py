"""Layers of networks: one small file each, listed here.

>>> print(MaxPool(2).model("N c 8 8"))
p0[n,k,i,j] = max_u,v x[n,k,2*i+u,2*j+v]
"""

from backproof.theory.layers.activation import Activation
from backproof.theory.layers.batch_norm import BatchNorm
from backproof.theory.layers.convolution import Convolution
from backproof.theory.layers.dense import Dense
from backproof.theory.layers.filter2x2 import Filter2x2
from backproof.theory.layers.flatten import Flatten
from backproof.theory.layers.layer import Layer, Stage
from backproof.theory.layers.layer_norm import LayerNorm
from backproof.theory.layers.max_pool import MaxPool
from backproof.theory.layers.mean_pool import MeanPool
from backproof.theory.layers.residual import Residual
from backproof.theory.layers.self_attention import SelfAttention

LAYERS = (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Filter2x2,
    Flatten,
    LayerNorm,
    MaxPool,
    MeanPool,
    Residual,
    SelfAttention,
)

__all__ = ["LAYERS", "Layer", "Stage", *(layer.__name__ for layer in LAYERS)]
