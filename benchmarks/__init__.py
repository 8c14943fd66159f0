"""Benchmarks: ratios against peers, measured in one run on one machine.

`python -m benchmarks mlp-small-f32` from the root of the checkout runs one; `python -m benchmarks`
lists them, `kernels` stands for those of compiled kernels and samplers, `all` for all that need no
more than processors, and `accelerator` for those on a GPU, which are listed where there is one.  A
benchmark is one file with a `Benchmark` in it, and its name in a tuple here.
"""

from benchmarks.accelerator import ACCELERATOR
from benchmarks.benchmark import Benchmark
from benchmarks.certifying import CERTIFYING
from benchmarks.dense import large, latency, medium, small, small_double, tiny
from benchmarks.energies import energies, free_energies, learning_rule
from benchmarks.images import convolutional
from benchmarks.jacobian import jacobian
from benchmarks.lattice import ising
from benchmarks.sampling import contrastive_divergence, deep_sweep, gibbs
from benchmarks.second import each, hessian, hvp

KERNELS: tuple[Benchmark, ...] = (
    latency,
    tiny,
    small,
    small_double,
    medium,
    large,
    convolutional,
    hvp,
    hessian,
    each,
    jacobian,
    energies,
    free_energies,
    learning_rule,
    gibbs,
    contrastive_divergence,
    deep_sweep,
    ising,
)
BENCHMARKS: tuple[Benchmark, ...] = (*KERNELS, *CERTIFYING)
GROUPS = {"all": BENCHMARKS, "kernels": KERNELS, "accelerator": ACCELERATOR}
