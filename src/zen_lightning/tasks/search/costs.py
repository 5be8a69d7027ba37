"""What the networks of a search cost, for its files."""

from omegaconf import DictConfig

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import KINDS, counts
from zen_lightning.search.run import SearchSetup


def known_costs(config: DictConfig, setup: SearchSetup, architecture: BaseArchitecture) -> dict[str, float]:
    """Return by column all that is counted, and what else the budget limits where that is not a measurement."""
    found: dict[str, float] = {**counts(architecture, config.resolution, config.num_classes)}
    for limit in setup.budget.limits:
        if limit.repeatable and limit.column not in found:
            found[limit.column] = limit.measure(architecture)
    return found


def own_costs(setup: SearchSetup, architecture: BaseArchitecture) -> dict[str, dict[str, float]]:
    """Return what a network costs by limits of classes from elsewhere, under ``costs``; nothing where there are none."""
    known = {kind.name for kind in KINDS}
    own = {limit.name: limit.measure(architecture) for limit in setup.budget.limits if limit.name not in known}
    return {"costs": own} if own else {}
