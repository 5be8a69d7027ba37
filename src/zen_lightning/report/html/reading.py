"""What a result says, in words: limits, headings, the network it is about."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from zen_lightning.arch import ArchitectureError, BaseArchitecture, parse_architecture
from zen_lightning.report.block_facts import BlockFacts, block_facts
from zen_lightning.report.front_names import cost_text
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import short_count, short_time

_UNITS = {"flops": " FLOPs", "params": " parameters", "layers": " layers", "latency_ms": " ms an image"}


def limits_text(limits: dict[str, float]) -> str:
    """Return limits as a sentence has them.

    Example:
        >>> limits_text({"layers": 14, "flops": 6e8})
        '600M FLOPs and 14 layers'
    """
    order = ("flops", "params", "latency_ms", "layers")
    named = sorted(limits.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order))
    return " and ".join(f"{cost_text(name, value)}{_UNITS.get(name, f' {name}')}" for name, value in named)


def heading(run: RunFolder) -> str:
    """Return what the report is called."""
    make = HEADINGS.get(run.task)
    return (make(run.result) if make is not None else None) or f"task={run.task}"


def lead(run: RunFolder) -> str:
    """Return a sentence on how it came about."""
    result = run.result
    parts = []
    if result.get("optimizer") == "exact":
        parts.append("found by dynamic programming, with a bound")
    elif "iterations" in result:
        restarts = result.get("restarts", 1)
        searches = f" in {restarts} searches" if restarts > 1 else ""
        parts.append(f"{result['iterations']:,} candidates{searches}, {result.get('accepted', 0):,} of them scored and kept")
    if "epochs" in result:
        parts.append(f"{result['epochs']:,} epochs")
    if "images" in result:
        parts.append(f"{result['images']:,} images")
    if "resolution" in result:
        parts.append(f"{result['resolution']} px, {result['num_classes']:,} classes")
    if "seconds" in result:
        parts.append(short_time(result["seconds"]))
    if "seed" in result:
        parts.append(f"seed {result['seed']}")
    return "; ".join(parts)


def architecture_of(run: RunFolder) -> BaseArchitecture | None:
    """Return the network that a run is about; None where there is none, or a package is missing that knows its super-blocks."""
    text = run.result.get("structure")
    if not isinstance(text, str) or "resolution" not in run.result:
        return None
    try:
        return parse_architecture(text)
    except ArchitectureError:
        return None


def blocks_of(run: RunFolder, architecture: BaseArchitecture) -> list[BlockFacts]:
    """Return the parts of the network that a run is about."""
    result = run.result
    return block_facts(architecture, result["resolution"], result["num_classes"], bool(result.get("use_se", False)))


def costs(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a network costs, as names and values."""
    found = []
    for key, name in (("params", "parameters"), ("flops", "FLOPs")):
        if isinstance(result.get(key), int):
            found.append((name, short_count(result[key])))
    if isinstance(result.get("layers"), int):
        found.append(("layers", str(result["layers"])))
    if result.get("latency_ms") is not None:
        found.append(("latency", f"{result['latency_ms']:.3g} ms"))
    return found


def _network_for(result: Mapping[str, Any]) -> str:
    limits = limits_text(result.get("budgets") or {})
    return f"A network for {limits}" if limits else "A network without a limit"


def _front_up_to(result: Mapping[str, Any]) -> str:
    limits = limits_text(result.get("budgets") or {})
    return f"A network for every budget{f' up to {limits}' if limits else ''}"


def _accuracy(what: str, result: Mapping[str, Any]) -> str | None:
    top1, dataset = result.get("val_top1"), result.get("dataset")
    if dataset is None:
        return None
    return f"A network {what} on {dataset}" if top1 is None else f"{top1:.2f}% on {dataset}"


def _scores(result: Mapping[str, Any]) -> str:
    count = len(result.get("architectures", ()))
    return f"Scores of {count:,} networks" if count > 1 else "Scores of a network"


HEADINGS: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "search": _network_for,
    "pareto": _front_up_to,
    "train": partial(_accuracy, "trained"),
    "distill": partial(_accuracy, "trained"),
    "evaluate": partial(_accuracy, "evaluated"),
    "correlate": lambda result: f"How proxies rank {result['networks']:,} networks",
    "compare": lambda result: f"{len(result['networks'])} networks side by side",
    "score": _scores,
    "analyze": lambda result: "What a network costs",
    "tune": lambda result: f"The best of {result['trials']:,} trials",
    "aggregate": lambda result: f"{result['runs']:,} runs in {len(result['groups']):,} groups",
    "pipeline": lambda result: f"{len(result['stages'])} stages, one after another",
}
"""What the report of a task is called, from its result; None, and tasks that are not listed, go by their name."""
