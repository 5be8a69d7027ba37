"""What searches, and all that scores networks, would refuse."""

from typing import Any

from omegaconf import DictConfig

from zen_lightning.budget import Limit
from zen_lightning.config import build, check_proxy_images
from zen_lightning.search.run import SearchSetup
from zen_lightning.system.device import check_device
from zen_lightning.system.numbers import short_count
from zen_lightning.tasks.many.validation.trial import Trial
from zen_lightning.tasks.networks import analyze, correlate, score, zoo
from zen_lightning.tasks.networks.architecture_source import read_architecture, read_setting
from zen_lightning.tasks.networks.correlate_question import adjusted, read_question
from zen_lightning.tasks.networks.proxies import read_proxies
from zen_lightning.tasks.search import pareto
from zen_lightning.tasks.search.depths import depth_limits, is_auto
from zen_lightning.tasks.search.exact import check_exact, check_front, is_exact
from zen_lightning.tasks.search.front_setup import front_setup
from zen_lightning.tasks.search.search import budget_line, refuse_another_proxy, refuse_overwrite
from zen_lightning.tasks.search.setup import search_setup
from zen_lightning.tasks.search.workers import check_workers


def check_search(trial: Trial) -> None:
    """Note what ``task=search`` would refuse."""
    setup = trial.ask("search", search_setup)
    if trial.config.search.finalists:
        trial.ask("search.rerank", _rerank)
    _check_evolution(trial, setup)


def check_pareto(trial: Trial) -> None:
    """Note what ``task=pareto`` would refuse."""
    trial.ask("rescore", pareto.second_proxy)
    setup = trial.ask("objectives", lambda config: front_setup(config, search_setup(config)))
    if setup is not None and trial.ask("search.optimizer", is_exact):
        trial.ask("objectives", lambda config: check_front(config, setup))
    _check_evolution(trial, setup)


def check_score(trial: Trial) -> None:
    """Note what ``task=score`` would refuse."""
    networks = trial.ask("arch", score.networks_of)
    if networks:
        trial.ask("arch", lambda config: score.common_setting(config, networks))
        trial.tell("networks", str(len(networks)))
    _check_proxies(trial)


def check_correlate(trial: Trial) -> None:
    """Note what ``task=correlate`` would refuse."""
    trial.ask("accuracies", lambda config: correlate.check_asked(config, trial.folder))
    if trial.config.accuracies is not None:
        sample = trial.ask("accuracies", lambda config: correlate.read_known(config).sample(config.sample, config.seed))
        if sample is not None:
            trial.tell("networks", f"{len(sample.values):,} of {trial.config.accuracies}")
            trial.ask("within", lambda config: read_question(config, sample))
            trial.ask("given", lambda config: adjusted(config, sample))
    _check_proxies(trial)


def check_analyze(trial: Trial) -> None:
    """Note what ``task=analyze`` would refuse."""
    trial.ask("arch", analyze.check_asked)
    tell_architecture(trial)


def check_zoo(trial: Trial) -> None:
    """Note what ``task=zoo`` would refuse."""
    names = trial.ask("arch", zoo.names_of)
    if names:
        trial.tell("networks", str(len(names)))


def tell_architecture(trial: Trial, num_classes: int | None = None, image_size: int | None = None) -> Any:
    """Note what is wrong with ``arch=``, say what it costs, and return it; None where there is none.

    Args:
        trial: of the command.
        num_classes: outputs; None: as recorded with it, or as the configuration says.
        image_size: height and width of the images; None: likewise.
    """
    source = trial.config.arch
    if not isinstance(source, str):
        return None
    structure = trial.promised.get(source.strip(), source)
    architecture = trial.ask("arch", lambda config: read_architecture(structure, "arch"))
    setting = trial.ask("arch", lambda config: read_setting(config, structure))
    if architecture is None or setting is None:
        return None
    classes, size = num_classes or setting.num_classes, image_size or setting.resolution
    params = short_count(architecture.num_params(classes, setting.use_se))
    flops = short_count(architecture.flops(size, classes, setting.use_se))
    text = f"{params} params, {flops} FLOPs at {size} px, {classes} classes, {architecture.num_layers} layers"
    trial.tell("network", f"what an earlier stage finds (its start has {text})" if structure != source else text)
    return architecture


def _check_evolution(trial: Trial, setup: SearchSetup | None) -> None:
    trial.ask("workers", check_workers)
    trial.ask("dataset", lambda config: check_proxy_images(config, [config.proxy, config.search.rerank or {}]))
    trial.ask("output_dir", lambda config: refuse_overwrite(config, trial.folder))
    if setup is None:
        return
    trial.ask("search", lambda config: refuse_another_proxy(config, setup))
    search = trial.config.search
    exact = trial.ask("search.optimizer", is_exact)
    if exact:
        trial.ask("search.optimizer", lambda config: check_exact(config, setup))
    auto = is_auto(trial.config)
    if auto:
        depths = trial.ask("budget.depths", lambda config: depth_limits(config, setup))
        trial.tell("depth", f"chosen among at most {', '.join(map(str, depths or ()))} layers")
    if auto or not exact:
        trial.ask("budget", lambda config: setup.budget.check(setup.start, "the start"))
    trial.tell("budget", budget_line(trial.config).removeprefix("budget "))
    trial.tell("start", ", ".join(_measured(limit, setup) for limit in setup.budget.limits if limit.repeatable) or "no limit")
    restarts = f", the best of {search.restarts} searches" if search.restarts > 1 else ""
    if exact:
        trial.tell("search", f"the optimum of {setup.proxy.name}, with a bound")
        return
    trial.tell("search", f"{search.iterations:,} iterations by {setup.proxy.name}{restarts}")


def _measured(limit: Limit, setup: SearchSetup) -> str:
    value = limit.measure(setup.start)
    if limit.name == "latency_ms":
        return f"{value:.3g} ms of latency, predicted"
    return f"{value:,.0f} {limit.name}" if limit.name == "layers" else f"{short_count(round(value))} {limit.name}"


def _check_proxies(trial: Trial) -> None:
    trial.ask("workers", check_workers)
    proxies = trial.ask("proxies", read_proxies)
    if proxies:
        trial.tell("proxies", ", ".join(proxy.label for proxy in proxies))


def _rerank(config: DictConfig) -> Any:
    return build(config.search.rerank, "search.rerank") if config.search.rerank is not None else None


def require_scoring_device(config: DictConfig) -> None:
    """Raise a UserError unless ``device=`` is the name of one that is here."""
    check_device(config.device, "device=")
    if config.device.startswith("cuda"):
        from zen_lightning.proxy.failures import require_device

        require_device(config.device)
