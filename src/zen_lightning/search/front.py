"""The search for a whole front of score against costs: a network for every budget up to the largest."""

import sys
from dataclasses import dataclass
from typing import Any

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Limit
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import RankedProxy
from zen_lightning.search.archive import Archive
from zen_lightning.search.evolution import FOUNDERS, Evolution
from zen_lightning.search.pool import Pool
from zen_lightning.search.run import SearchSetup


class FrontEvolution(Evolution):
    """An evolution whose population is an :class:`~zen_lightning.search.archive.Archive`.

    Args:
        objectives: the costs.
        arguments: arguments of :class:`~zen_lightning.search.evolution.Evolution`; the population size is ignored.
    """

    def __init__(self, objectives: tuple[Limit, ...], **arguments: Any) -> None:
        super().__init__(**arguments | {"population_size": sys.maxsize})
        self.archive = self.population = Archive(objectives, self.start)

    def child(self) -> BaseArchitecture | None:
        """Draw the next candidate, whose parent comes from a cell of a grid."""
        founding = self.accepted <= FOUNDERS
        parent = self.start if founding else self.archive.draw(self.rng).architecture
        child: BaseArchitecture | None = self.space.child(parent, self.rng, 1 if founding else self.space.step, self.max_layers)
        return child


@dataclass(frozen=True)
class FrontSetup(SearchSetup):
    """The setup of a search for a front, which runs as any :class:`~zen_lightning.search.run.SearchSetup`.

    Attributes:
        objectives: the costs.

    Raises:
        UserError: the proxy ranks within a set, so scores of different moments cannot be compared.
    """

    objectives: tuple[Limit, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.proxy, RankedProxy):
            raise UserError(
                f"a front compares scores from start to end, and {self.proxy.name} only ranks networks within a set",
                key="proxy",
                remedy="choose another proxy, such as zen or naswot",
            )

    def evolution(self, restart: int, pool: Pool | None = None) -> FrontEvolution:
        """Return the new evolution of a restart; see :meth:`SearchSetup.evolution`."""
        return FrontEvolution(self.objectives, **self.arguments(restart, pool))
