"""The space of Accel-NASBench (https://arxiv.org/abs/2404.08005): MnasNet's seven stages, searched stage by stage."""

import itertools

from zen_lightning.arch.accel_nasbench import EXPANSIONS, KERNEL_SIZES, MOST_LAYERS, STAGES, AccelArchitecture
from zen_lightning.space.coded import CodeSpace

_STAGES = tuple(
    tuple(
        f"e{e}k{k}l{layers}s{s}" for e, k, layers, s in itertools.product(EXPANSIONS, KERNEL_SIZES, range(1, most + 1), (0, 1))
    )
    for most in MOST_LAYERS
)


class AccelNasBenchSpace(CodeSpace[AccelArchitecture]):
    """Seven stages, each with its expansion, kernel, layers and squeeze-and-excitation: 36 choices, 48 for the sixth stage.

    Example:
        >>> space = AccelNasBenchSpace()
        >>> space.parse(space.start).num_layers
        9
        >>> [len(space.choices(space.parse(space.start), index)) for index in range(7)]
        [35, 35, 35, 35, 35, 47, 35]
    """

    name = "accel_nasbench"
    start = "-".join(["e1k3l1s0"] * len(STAGES))
    language = AccelArchitecture

    def options(self, parts: tuple[str, ...], index: int) -> tuple[str, ...]:
        """Return every other stage."""
        return tuple([stage for stage in _STAGES[index] if stage != parts[index]])
