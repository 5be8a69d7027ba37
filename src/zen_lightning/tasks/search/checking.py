"""What searches would refuse, whatever they search for."""

from typing import Any

from omegaconf import DictConfig

from zen_lightning.config import build, check_proxy_images
from zen_lightning.search.run import SearchSetup
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.search.depths import depth_limits, is_auto
from zen_lightning.tasks.search.exact import check_exact, is_exact
from zen_lightning.tasks.search.workers import check_workers


def check_evolution(checks: Checks, setup: SearchSetup | None) -> None:
    """Note what is wrong beyond the setup of a search, and what would be searched.

    Args:
        checks: of the command.
        setup: of the search; None where it is wrong already.
    """
    from zen_lightning.tasks.search.search import budget_line, refuse_another_proxy, refuse_overwrite

    checks.ask("workers", check_workers)
    checks.ask("dataset", lambda config: check_proxy_images(config, [config.proxy, config.search.rerank or {}]))
    checks.ask("output_dir", lambda config: refuse_overwrite(config, checks.folder))
    if setup is None:
        return
    checks.ask("search", lambda config: refuse_another_proxy(config, setup))
    search = checks.config.search
    exact = checks.ask("search.optimizer", is_exact)
    if exact:
        checks.ask("search.optimizer", lambda config: check_exact(config, setup))
    auto = is_auto(checks.config)
    if auto:
        depths = checks.ask("budget.depths", lambda config: depth_limits(config, setup))
        checks.tell("depth", f"chosen among at most {', '.join(map(str, depths or ()))} layers")
    if auto or not exact:
        checks.ask("budget", lambda config: setup.budget.check(setup.start, "the start"))
    checks.tell("budget", budget_line(checks.config).removeprefix("budget "))
    limits = [limit for limit in setup.budget.limits if limit.repeatable]
    checks.tell("start", ", ".join(limit.phrase(limit.measure(setup.start)) for limit in limits) or "no limit")
    restarts = f", the best of {search.restarts} searches" if search.restarts > 1 else ""
    if exact:
        checks.tell("search", f"the optimum of {setup.proxy.name}, with a bound")
        return
    checks.tell("search", f"{search.iterations:,} iterations by {setup.proxy.name}{restarts}")


def rerank(config: DictConfig) -> Any:
    """Return the proxy that scores finalists again; None without one."""
    return build(config.search.rerank, "search.rerank") if config.search.rerank is not None else None
