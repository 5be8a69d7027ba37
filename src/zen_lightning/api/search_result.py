"""What a search found."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import KINDS, counts
from zen_lightning.proxy.base import Proxy
from zen_lightning.search.finalists import Finalist
from zen_lightning.search.run import Candidate, SearchOutcome, SearchSetup
from zen_lightning.search.trace import HistoryRow
from zen_lightning.system.brief import brief

if TYPE_CHECKING:
    import numpy as np

    from zen_lightning.search.depth_choice import Depth
    from zen_lightning.search.optimum import Optimum


@dataclass(frozen=True)
class Searches:
    """What several searches did.

    Attributes:
        outcomes: what each search found.
        setup: what was searched.
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        optimizer: ``evolution`` or ``exact``.
        seconds: the seconds from start to end.
        names: the names of the presets of ``search`` and ``budget``.
        folder: the folder, with its files, if one was asked for.
        minutes: the limit on the time of the search; None where there was none.
    """

    outcomes: tuple[SearchOutcome, ...] = field(repr=False)
    setup: SearchSetup = field(repr=False)
    resolution: int
    num_classes: int
    optimizer: str
    seconds: float
    names: Mapping[str, str] = field(repr=False)
    folder: Path | None = field(default=None, kw_only=True)
    minutes: float | None = field(default=None, kw_only=True)

    @property
    def stopped_by_time(self) -> bool:
        """Whether the limit on time ended a search before it was done."""
        return any(outcome.stopped_by_time for outcome in self.outcomes)

    @property
    def iterations(self) -> int:
        """Candidates that were drawn, over all searches."""
        return sum(outcome.iterations for outcome in self.outcomes)

    @property
    def accepted(self) -> int:
        """Candidates that were scored and appended, over all searches."""
        return sum(outcome.accepted for outcome in self.outcomes)

    @property
    def rejected(self) -> Counter[str]:
        """Why candidates were rejected, and how many."""
        return sum((outcome.rejected for outcome in self.outcomes), start=Counter())

    @property
    def unscorable(self) -> Counter[str]:
        """What the proxy said of candidates that it could not score, and how often."""
        return sum((outcome.unscorable for outcome in self.outcomes), start=Counter())

    @property
    def worker_deaths(self) -> int:
        """Workers that died; what they were scoring was scored again."""
        return sum(outcome.worker_deaths for outcome in self.outcomes)

    @property
    def history(self) -> "dict[str, np.ndarray[Any, Any]]":
        """The population over the iterations: an array for each column, with the number of the search in ``restart``."""
        import numpy as np

        rows = [(outcome.restart, *row) for outcome in self.outcomes for row in outcome.history]
        columns = ("restart", *HistoryRow._fields)
        return {name: np.array([row[place] for row in rows]) for place, name in enumerate(columns)}

    def costs(self, architecture: BaseArchitecture) -> dict[str, float]:
        """Return by column all that is counted of a network, and what else the budget limits, unless it is measured."""
        found: dict[str, float] = {**counts(architecture, self.resolution, self.num_classes)}
        for limit in self.setup.budget.limits:
            if limit.repeatable and limit.column not in found:
                found[limit.column] = limit.measure(architecture)
        return found

    def own_costs(self, architecture: BaseArchitecture) -> dict[str, dict[str, float]]:
        """Return what a network costs by limits of classes from elsewhere, under ``costs``; nothing where there are none."""
        known = {kind.name for kind in KINDS}
        limits = [limit for limit in self.setup.budget.limits if limit.name not in known]
        own = {limit.name: limit.measure(architecture) for limit in limits}
        return {"costs": own} if own else {}


@dataclass(frozen=True)
class SearchResult(Searches):
    """What a search found.

    Attributes:
        finalists: candidates for the answer, best first: the first is the answer.
        second: the proxy that re-scored the finalists; None without one.
        optimum: what was proved of the best network there is, with ``optimizer="exact"``.
        depths: what each limit on layers gave, where the depth was chosen.
        depth_training: how the best network of each was trained, where a training chose.

    And those of :class:`Searches`.
    """

    finalists: tuple[Finalist, ...] = field(kw_only=True, repr=False)
    second: Proxy | None = field(default=None, kw_only=True, repr=False)
    optimum: "Optimum | None" = field(default=None, kw_only=True, repr=False)
    depths: "tuple[Depth, ...]" = field(default=(), kw_only=True, repr=False)
    depth_training: Mapping[str, Any] | None = field(default=None, kw_only=True, repr=False)

    @property
    def answer(self) -> Finalist:
        """The first finalist."""
        return self.finalists[0]

    @property
    def architecture(self) -> BaseArchitecture:
        """The network that was found."""
        return self.answer.architecture

    @property
    def score(self) -> float:
        """Its score: of the proxy that scored the finalists again, where one did, else of the search."""
        return self.answer.score

    @property
    def search_score(self) -> float:
        """Its score by the proxy of the search."""
        return self.answer.search_score

    @property
    def counts(self) -> dict[str, float]:
        """What it costs: parameters, FLOPs, layers, peak activations, and what else the budget limits."""
        return self.costs(self.architecture)

    @property
    def bound(self) -> float | None:
        """No network within the budget scores higher; None unless the optimiser was exact and had the time to prove one."""
        return None if self.optimum is None or self.optimum.bound == math.inf else self.optimum.bound

    @property
    def population(self) -> list[Candidate]:
        """The networks that the searches ended with, best first."""
        return sorted((one for outcome in self.outcomes for one in outcome.ranked), key=lambda one: -one.score)

    def __repr__(self) -> str:
        return brief(self, "score", **self.counts, seconds=self.seconds, folder=self.folder, architecture=self.architecture)

    def __str__(self) -> str:
        counted = ", ".join(f"{name} {value:,.6g}" for name, value in self.counts.items())
        return f"{self.architecture}\nscore {self.score:.3f}, {counted}"
