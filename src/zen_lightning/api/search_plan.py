"""All that a search is asked for, checked. Carrying it out: :mod:`~zen_lightning.api.search_execution`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from zen_lightning.api.budget import budget_text
from zen_lightning.api.device_here import check_device_here
from zen_lightning.api.fitted_start import measured_start
from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.budget import BaseLatencyLimit
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError, Proxy
from zen_lightning.search.ahead import Ahead
from zen_lightning.search.events import Say
from zen_lightning.search.run import SearchSetup
from zen_lightning.search.searches import Effort, at_least
from zen_lightning.system.cores import available_cores

if TYPE_CHECKING:
    from zen_lightning.api.depth_training import DepthTraining

OPTIMIZERS = ("evolution", "exact")

_WORTH_A_PROCESS = 60_000
"""Iterations from which on a second process imports what comes after the loop. A choice: one to two seconds, as the imports."""


@dataclass(frozen=True)
class SearchPlan:
    """What a search is asked for.

    Attributes:
        setup: what to search.
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        effort: how many searches, and what scores.
        optimizer: ``evolution``, or ``exact``.
        finalists: how many of the best are candidates for the answer.
        second: scores the finalists again; None: the search's own score decides.
        chooses_depth: whether the limit on layers is chosen first.
        depths: limits that are then tried; None for the usual.
        training: the training that chooses among them; None: the calibrated score does.
        calibrate: whether predictions of latency are corrected by measurements.
        names: the names of the presets of ``search`` and ``budget``, for results.
        notes: what to tell of how the budget was read.

    Raises:
        UserError: a value that cannot be used.
    """

    setup: SearchSetup
    resolution: int
    num_classes: int
    effort: Effort = field(default_factory=Effort)
    optimizer: str = "evolution"
    finalists: int = 0
    second: Proxy | None = None
    chooses_depth: bool = False
    depths: Sequence[int] | None = None
    training: "DepthTraining | None" = None
    calibrate: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_sizes(self.resolution, self.num_classes)
        for key in ("iterations", "population_size", "max_tries"):
            at_least(key, getattr(self.setup, key), 1)
        at_least("finalists", self.finalists, 0)
        if self.optimizer not in OPTIMIZERS:
            raise UserError(key="optimizer", value=self.optimizer, expected="evolution or exact", choices=OPTIMIZERS)

    @property
    def exact(self) -> bool:
        """Whether the exact optimiser searches."""
        return self.optimizer == "exact"

    @property
    def asked_iterations(self) -> int:
        """Iterations that are asked for, over all restarts; 0 of the exact optimiser, which has none."""
        return 0 if self.exact else self.setup.iterations * self.effort.restarts

    @property
    def ahead(self) -> Ahead:
        """What imports while the loop runs what comes after it: torch for the finalists, matplotlib for the plots.

        A process of its own where the loop takes some seconds and leaves a core idle. It imports the main module of this
        program again, as processes that search do.
        """
        effort = self.effort
        alone = effort.restarts == 1 and effort.workers == 1 and effort.device == "cpu" and available_cores() > 1
        scores = ["torch", type(self.second).__module__] if self.second else []
        if self.exact:  # It leaves nothing to plot.
            return Ahead(scores, process=alone and bool(scores))
        worth = self.setup.proxy.cheap and alone and self.setup.iterations >= _WORTH_A_PROCESS
        return Ahead(
            [*scores, "zen_lightning.report.png", "matplotlib.figure", "matplotlib.backends.backend_agg"], process=worth
        )

    @property
    def predicts(self) -> bool:
        """Whether a profile predicts the latency that the budget limits."""
        return any(isinstance(limit, BaseLatencyLimit) and limit.repeatable for limit in self.setup.budget.limits)

    def check(self) -> None:
        """Raise a UserError where it is known beforehand that nothing can be found."""
        for _, look in self.checks():
            look()

    def checks(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Yield what raises a UserError where it is known beforehand that nothing can be found, with what it is about."""
        yield "device", self._check_device
        if self.exact:
            yield "optimizer", self.check_exact
        if self.chooses_depth:
            yield "depths", self.depth_limits
        if not self.exact:
            yield "budget", self._check_start

    def ready(self, say: Say = lambda text: None) -> Self:
        """Return the plan with a start that also fits what is measured, a latency without a profile.

        Args:
            say: is told of another start.

        Raises:
            UserError: the smallest network is over the budget.
        """
        return replace(self, setup=measured_start(self.setup, say))

    def _check_device(self) -> None:
        effort = self.effort
        check_device_here([self.setup.proxy], effort.workers, effort.device)
        # This process scores the finalists, at the end.
        check_device_here([] if self.second is None else [self.second], 1, effort.device)

    def _check_start(self) -> None:
        setup = self.ready().setup
        setup.budget.check(setup.start, "the start")
        if setup.proxy.cheap and not isinstance(setup.start, Architecture):  # A whole language may have no such score.
            try:
                setup.proxy.score(setup.start)
            except CannotScoreError as error:
                raise UserError(str(error), key="search_space", value=setup.space.name) from error

    def check_exact(self) -> None:
        """Raise a UserError where the exact optimiser cannot solve what is asked for."""
        from zen_lightning.search.optimum import check_exact

        check_exact(self.setup, self.resolution, self.effort.restarts, self.chooses_depth)

    def depth_limits(self) -> list[int]:
        """Return the limits on layers that are tried."""
        from zen_lightning.search.depth_choice import depth_limits

        return depth_limits(self.setup, self.depths)

    def opening(self) -> str:
        """Return what is searched, as a sentence."""
        how = "by dynamic programming" if self.exact else f"in {self.setup.iterations:,} iterations"
        return f"searching for {self.budget_text()} {how}"

    def budget_text(self) -> str:
        """Return the budget as a sentence has it."""
        return f"budget {self.names.get('budget', 'custom')} ({budget_text(self.setup.budget)})"


def for_images(start: BaseArchitecture, channels: int | None) -> BaseArchitecture:
    """Return the start of a search for images of so many channels; None: as it is written.

    Raises:
        UserError: it cannot be changed, or they are below 1.
    """
    if channels is None or channels == start.in_channels:
        return start
    if not isinstance(start, Architecture):
        what = f"a {type(start).__name__} is for images of {start.in_channels} channels"
        raise UserError(what, key="in_channels", value=channels, remedy="choose another search space")
    return start.for_images(channels)


def check_sizes(resolution: int, num_classes: int) -> None:
    """Raise a UserError where images or classes are below 1."""
    at_least("resolution", resolution, 1)
    at_least("num_classes", num_classes, 1)
