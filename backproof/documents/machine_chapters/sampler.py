"""Chapter: the sampler as code."""

from __future__ import annotations

from backproof.numerics.kernel import compile
from backproof.pages.blocks import Block, Code, Prose, Section
from backproof.theory.energy.conditionals import conditional
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blocks, lateral

INTRO = (
    "A sweep of **block Gibbs sampling** draws the groups of one colour given the newest states of "
    "the others, then the next colour. Each draw leaves the joint distribution invariant, so a "
    "chain that runs long enough has it. `values` holds an array for each parameter."
)
KERNELS = (
    "Each conditional as NumPy code, compiled from its equations; $N$ is the number of chains. A "
    "uniform random number below the probability switches a two-valued unit on; real units are "
    "drawn by the quantile of their conditional."
)


def sampler(machine: Machine) -> Section:
    """How to run the chains, and the compiled conditionals."""
    found: list[Block] = [Prose(INTRO), Code(program(machine)), Prose(KERNELS)]
    for block in blocks(machine):
        for group in block:
            found.append(Code(compile(conditional(machine, group, "N")).source))
    return Section("The sampler", found)


def program(machine: Machine) -> str:
    """A program that samples: the library's chains, and the same sweep written out."""
    lines = [
        "generator = np.random.default_rng(1)",
        "chains = bp.sampling.Chains.start(machine, values, 100, generator)",
        "states = chains.advance(sweeps=1000)",
        "",
        "# one of these sweeps, written out",
        "conditionals = bp.sampling.Conditionals(machine, values)",
    ]
    for block in blocks(machine):
        for group in block:
            if lateral(machine, group):
                lines.append(f"# the units of {group} are coupled: one is drawn after the other")
            lines.append(f'states["{group}"] = conditionals.draw("{group}", states, generator)')
    return "\n".join(lines)
