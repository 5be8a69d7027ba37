"""From the configuration of a front to its objects."""

from typing import Any

from omegaconf import DictConfig

from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError, keyed
from zen_lightning.report.charts.networks import Point
from zen_lightning.search.front import FrontSetup
from zen_lightning.search.objectives import objectives
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import BlockSpace
from zen_lightning.tasks.search.costs import known_costs
from zen_lightning.tasks.search.limits import AUTO


def front_setup(config: DictConfig, setup: SearchSetup) -> FrontSetup:
    """Return what to search for a front.

    Args:
        config: the composed configuration.
        setup: of a plain search under the same budget.

    Raises:
        UserError: a value that cannot be used; the message names its key.
    """
    wanted = config.objectives
    names = [wanted] if isinstance(wanted, str) else [str(name) for name in wanted or ()]
    if config.budget.layers == AUTO:
        raise UserError("budget.layers=auto chooses one depth for one answer; for a front, give a number of layers or null")
    if config.structures < 1:
        raise UserError(f"structures={config.structures}: expected 1 or more")
    costs = objectives(names, setup.budget, config.resolution, config.num_classes)
    if not setup.space.bounded and not any(limit.bounds_width for limit in setup.budget.limits):
        raise UserError("a front needs a largest cost: set budget.flops or budget.params")
    # The population of a front has no size, so this does not belong to what it is.
    identity: dict[str, Any] = {key: value for key, value in setup.identity.items() if key != "search"}
    with keyed({"proxy": "search"}):
        return FrontSetup(**vars(setup) | {"identity": identity | {"task": "pareto", "objectives": names}, "objectives": costs})


def published_points(config: DictConfig, setup: FrontSetup) -> list[Point]:
    """Return each published network of the same space, resolution and classes.

    Only a proxy that is cheap is asked for their scores.
    """
    if not setup.proxy.cheap or not isinstance(setup.space, BlockSpace):
        return []
    found = []
    for entry in map(zoo.entry, zoo.names()):
        arch = Architecture.parse(entry.structure)
        fits = (entry.resolution, entry.num_classes) == (config.resolution, config.num_classes)
        if fits and _belongs(setup, arch):
            score, costs = setup.proxy.score(arch, setup.seed).value, known_costs(config, setup, arch)
            found.append(Point(entry.structure, score, costs, f"published: {entry.name}"))
    return found


def _belongs(setup: FrontSetup, arch: Architecture) -> bool:
    """Whether the space knows every kind of super-block of a network."""
    try:
        return all(
            any(choice.startswith(f"{block.name}(") for choice in setup.space.choices(arch, index))
            for index, block in enumerate(arch.blocks)
        )
    except UserError:
        return False
