"""What searches would refuse, whatever they search for."""

from contextlib import suppress

from zen_lightning.api.front_plan import FrontPlan
from zen_lightning.api.search_plan import SearchPlan
from zen_lightning.api.search_warnings import latency_warning
from zen_lightning.budget import BaseLatencyLimit, LayersLimit, Limit
from zen_lightning.config.proxies import check_proxy_images
from zen_lightning.errors import UserError, keyed
from zen_lightning.search.open_pool import check_workers
from zen_lightning.search.run import SearchSetup
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.search.opening import refuse_overwrite
from zen_lightning.tasks.search.setup import KEYS


def check_search(checks: Checks, plan: SearchPlan | None) -> None:
    """Note what is wrong beyond the plan of a search, and what would be searched.

    Args:
        checks: the checks of the command.
        plan: the plan of the search; None where it is wrong already.
    """
    checks.ask("workers", lambda config: check_workers(config.workers))
    checks.ask("dataset", lambda config: check_proxy_images(config, [config.proxy, config.search.rerank or {}]))
    checks.ask("output_dir", lambda config: refuse_overwrite(config.resume, checks.folder))
    if plan is None:
        return
    setup = plan.setup
    for about, look in plan.checks():
        with checks.problems.noted(KEYS.get(about, about)), keyed(KEYS):
            look()
    if plan.chooses_depth:
        with suppress(UserError):
            how = "by the calibrated score" if plan.training is None else f"by {plan.training.summary(plan.resolution)}"
            checks.tell("depth", f"chosen among at most {', '.join(map(str, plan.depth_limits()))} layers {how}")
    checks.tell("budget", plan.budget_text().removeprefix("budget "))
    checks.tell("start", ", ".join(_measured(limit, setup) for limit in setup.budget.limits if limit.repeatable) or "no limit")
    if plan.exact:
        what = "the optimum"
        if isinstance(plan, FrontPlan):
            what = f"the front of optima against {' and '.join(plan.objectives)}"
        checks.tell("search", f"{what} by {setup.proxy.name}, with a bound")
        if (warning := latency_warning(plan)) is not None:
            checks.tell("time", warning)
        return
    restarts = f", the best of {plan.effort.restarts} searches" if plan.effort.restarts > 1 else ""
    checks.tell("search", f"{setup.iterations:,} iterations by {setup.proxy.name}{restarts}")


def _measured(limit: Limit, setup: SearchSetup) -> str:
    value = limit.measure(setup.start)
    if isinstance(limit, BaseLatencyLimit):
        return f"{value:.3g} ms of latency, predicted"
    return f"{value:,.0f} {limit.name}" if isinstance(limit, LayersLimit) else f"{limit.text(value)} {limit.name}"
