"""The start of a search: of the usual structure for a space, within every limit, with every shape."""

from dataclasses import replace
from typing import Any

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.budget import BaseLatencyLimit, Budget
from zen_lightning.errors import UserError
from zen_lightning.search.events import Say
from zen_lightning.search.fitting_start import shallow_start, shaped_start
from zen_lightning.search.run import SearchSetup
from zen_lightning.search.thinning import BudgetTooSmallError, thinned_start
from zen_lightning.space import SearchSpace
from zen_lightning.space.usual import down_sampled, usual_start

AUTO = "auto"
"""Of a start: the usual structure of the space for the resolution."""

_HEADS = (2048, 1024, 512, 256, 128)
"""Widths of a last convolution that the space never changes. A choice: the widest is that of the shipped budgets."""

_HEAD_SHARE = 0.25
"""Share of a limit that a last convolution and the classifier may take together. A choice: in the published mobile networks of
the paper they take a tenth to a third of the parameters."""


def fitted_start(
    space: SearchSpace[Any],
    budget: Budget,
    start: BaseArchitecture,
    resolution: int,
    given: bool = False,
    chooses_depth: bool = False,
    say: Say = lambda text: None,
) -> BaseArchitecture:
    """Return where a search begins: the start, or a smaller one within the limits; and then one with the shapes.

    Limits that are measured are left to :func:`measured_start`: nothing is timed to read a configuration.

    Args:
        space: the space.
        budget: the limits, and the shapes.
        start: the start that was asked for.
        resolution: height and width of the images.
        given: whether the user gave the start. One of a preset may be for smaller images: it is also tried with as many
            down-samplings as these images bear.
        chooses_depth: whether the limit on layers is chosen later, so that as few as possible are best.
        say: is told of a smaller start.

    Raises:
        UserError: the smallest network is over the budget, or none within it has the shapes.
    """
    counted = Budget([limit for limit in budget.limits if limit.repeatable])
    strided = down_sampled(start, resolution) if type(start) is Architecture and not given else start
    try:
        try:
            thinned = thinned_start(space, counted, start, say)
        except BudgetTooSmallError:
            if strided == start:
                raise
            thinned = thinned_start(space, counted, strided, say, start)
    except BudgetTooSmallError as error:
        if not any(isinstance(limit, BaseLatencyLimit) and limit.repeatable for limit in budget.limits):
            raise
        from zen_lightning.latency.calibration import explained

        raise explained(budget, error) from error
    return (shallow_start if chooses_depth else shaped_start)(space, budget, thinned)


def measured_start(setup: SearchSetup, say: Say) -> SearchSetup:
    """Return the search with a start that also fits the limits that are measured; itself where there are none.

    Args:
        setup: what to search.
        say: is told of a smaller start.

    Raises:
        BudgetTooSmallError: the smallest network is over the budget.
    """
    if all(limit.repeatable for limit in setup.budget.limits):
        return setup
    found = thinned_start(setup.space, setup.budget, setup.start, say)
    if found is setup.start:
        return setup
    asked = setup.asked_start or setup.start
    return replace(setup, start=found, asked_start=asked, identity={**setup.identity, "start": str(found)})


def automatic_start(space: SearchSpace[Any], budget: Budget, resolution: int, num_classes: int) -> BaseArchitecture:
    """Return the usual start of a space: for super-blocks with as many down-samplings as the resolution bears.

    Where the space never changes the last convolution, that is as wide as a quarter of each limit allows.

    Args:
        space: the space.
        budget: the limits.
        resolution: height and width of the images.
        num_classes: outputs of the classifier.

    Raises:
        UserError: the space has no usual start.
    """
    text = usual_start(space, resolution, _HEADS[0])
    if not text:
        what = f"the search space {space.name!r} says no start"
        raise UserError(what, key="start", value=AUTO, remedy="give a structure of the space")
    start: BaseArchitecture = space.parse(text)
    for head in _HEADS[1:]:
        if not isinstance(start, Architecture) or _head_fits(budget, start, resolution, num_classes):
            break
        start = space.parse(usual_start(space, resolution, head))
    return start


def _head_fits(budget: Budget, start: Architecture, resolution: int, num_classes: int) -> bool:
    *_, last, classifier = start.summary(resolution, num_classes)
    taken = {"params": last.params + classifier.params, "flops": last.flops + classifier.flops}
    return all(taken[limit.name] <= _HEAD_SHARE * limit.maximum for limit in budget.limits if limit.name in taken)
