"""Named specifications: one small file each, equations under a configuration; listed here."""

from backproof.theory.specs.attention import attention
from backproof.theory.specs.batchnorm import batchnorm
from backproof.theory.specs.convolution import convolution
from backproof.theory.specs.dense import dense
from backproof.theory.specs.elu import elu
from backproof.theory.specs.embedding import embedding
from backproof.theory.specs.gelu import gelu
from backproof.theory.specs.groupnorm import groupnorm
from backproof.theory.specs.layernorm import layernorm
from backproof.theory.specs.leaky_relu import leaky_relu
from backproof.theory.specs.log_sigmoid import log_sigmoid
from backproof.theory.specs.log_softmax import log_softmax
from backproof.theory.specs.logaddexp import logaddexp
from backproof.theory.specs.logsumexp import logsumexp
from backproof.theory.specs.max_pool import max_pool
from backproof.theory.specs.mean_pool import mean_pool
from backproof.theory.specs.mish import mish
from backproof.theory.specs.rbm_free_energy import rbm_free_energy
from backproof.theory.specs.rbm_hidden import rbm_hidden
from backproof.theory.specs.rbm_visible import rbm_visible
from backproof.theory.specs.relu import relu
from backproof.theory.specs.rmsnorm import rmsnorm
from backproof.theory.specs.sigmoid import sigmoid
from backproof.theory.specs.sigmoid_cross_entropy import sigmoid_cross_entropy
from backproof.theory.specs.silu import silu
from backproof.theory.specs.softmax import softmax
from backproof.theory.specs.softmax_cross_entropy import softmax_cross_entropy
from backproof.theory.specs.softplus import softplus
from backproof.theory.specs.specification import Specification
from backproof.theory.specs.squared_error import squared_error
from backproof.theory.specs.tanh import tanh
from backproof.theory.specs.variance import variance
from backproof.theory.specs.xlogy import xlogy

SPECIFICATIONS: tuple[Specification, ...] = (
    sigmoid,
    log_sigmoid,
    softplus,
    tanh,
    relu,
    leaky_relu,
    gelu,
    silu,
    elu,
    mish,
    logaddexp,
    xlogy,
    variance,
    logsumexp,
    softmax,
    log_softmax,
    softmax_cross_entropy,
    sigmoid_cross_entropy,
    squared_error,
    dense,
    convolution,
    max_pool,
    mean_pool,
    layernorm,
    rmsnorm,
    groupnorm,
    batchnorm,
    embedding,
    attention,
    rbm_free_energy,
    rbm_hidden,
    rbm_visible,
)

__all__ = ["SPECIFICATIONS", "Specification", *(spec.name for spec in SPECIFICATIONS)]
