"""The cells of NAS-Bench-201 (https://arxiv.org/abs/2001.00326), also the topology space of NATS-Bench."""

import itertools
from collections.abc import Iterator
from random import Random

from zen_lightning.arch.cell import CellArchitecture
from zen_lightning.arch.cell_parser import CHOICES, EDGES
from zen_lightning.space.base import SearchSpace


class NasBench201Space(SearchSpace[CellArchitecture]):
    """All 15,625 cells of four nodes: one of five operations on each of six edges. A step changes one edge.

    Example:
        >>> space = NasBench201Space()
        >>> sum(1 for _ in space.members())
        15625
    """

    name = "nas_bench_201"
    step = 1  # A choice: of six edges, two changed at once would leave little of the parent.
    bounded = True
    start = "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|skip_connect~2|"

    def parse(self, text: str) -> CellArchitecture:
        """Return the architecture that a cell string names."""
        return CellArchitecture.parse(text)

    def members(self) -> Iterator[CellArchitecture]:
        """Yield every architecture of the space once."""
        return map(CellArchitecture, itertools.product(CHOICES, repeat=len(EDGES)))

    def choices(self, architecture: CellArchitecture, index: int) -> list[str]:
        """Return every other operation that edge ``index`` may have, with its source as in the text, sorted."""
        return sorted(f"{operation}~{EDGES[index][0]}" for operation in self._others(architecture, index))

    def mutate(self, architecture: CellArchitecture, rng: Random, positions: int = 1) -> CellArchitecture:
        """Return the cell with some of its edges changed, each to another operation by a uniform draw."""
        drawn = dict.fromkeys([int(rng.random() * len(EDGES)) for _ in range(positions)])
        operations = list(architecture.operations)
        for index in drawn:
            others = self._others(architecture, index)
            operations[index] = others[int(rng.random() * len(others))]
        return CellArchitecture(tuple(operations))

    def _others(self, architecture: CellArchitecture, index: int) -> list[str]:
        return [operation for operation in CHOICES if operation != architecture.operations[index]]
