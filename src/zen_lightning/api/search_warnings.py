"""What to know before a search begins."""

from zen_lightning.api.search_plan import SearchPlan
from zen_lightning.search.run import SearchSetup
from zen_lightning.system.cores import available_cores


def warnings_of(plan: SearchPlan) -> list[str]:
    """Return what to know before a search begins: how counts were read, cores that are idle, and depth that nothing limits."""
    found, cores = list(plan.notes), available_cores()
    effort = plan.effort
    if effort.workers == 1 and effort.device == "cpu" and cores > 1 and not plan.setup.proxy.cheap:
        found.append(f"scoring on one of {cores} cores: workers=auto uses all, with a history of its own")
    found += filter(None, [latency_warning(plan), depth_warning(plan.setup)])
    return found


def latency_warning(plan: SearchPlan) -> str | None:
    """Return that an optimum under predicted latency takes long; None of another search."""
    if not plan.exact or not any(hasattr(limit, "additive_times") for limit in plan.setup.budget.limits):
        return None
    return (
        "an optimum under predicted latency takes long: seconds for a start of few blocks, some minutes and 3 GB with those of "
        "budget=latency03ms. A limit on its minutes ends it with the bound that is proved by then (docs/optimum.md)"
    )


def depth_warning(setup: SearchSetup) -> str | None:
    """Return what to know of a search by the Zen-score that nothing keeps from growing deeper; None where something does.

    The figure: the best networks under 600M FLOPs at 224 px in the mobilenet space, with 14 layers and with 30
    (benchmarks/shape_costs.py).
    """
    limited = any(limit.bounds_depth for limit in setup.budget.limits)
    bounded = any(shape.name in ("effectiveness", "layers_each_stage") for shape in setup.budget.shapes)
    if setup.proxy.name != "zen" or setup.space.bounded or limited or bounded:
        return None
    return (
        "budget.layers is not limited: then depth alone drives the Zen-score, whatever a network is worth (600M FLOPs score "
        "100.2 in 14 layers, 208.1 in 30). Set budget.layers, or shape.effectiveness"
    )
