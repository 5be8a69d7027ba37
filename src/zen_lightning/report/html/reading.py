"""What a result says, in words: limits, headings, the network it is about."""

from typing import Any

from zen_lightning.arch import ArchitectureError, BaseArchitecture, parse_architecture
from zen_lightning.report.block_facts import BlockFacts, block_facts
from zen_lightning.report.front_names import cost_text
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import short_count, short_time

_TRAININGS = ("train", "distill")
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
    result = run.result
    limits = limits_text(result.get("budgets") or {})
    if run.task == "search":
        return f"A network for {limits}" if limits else "A network without a limit"
    if run.task == "pareto":
        return f"A network for every budget up to {limits}" if limits else "A network for every budget"
    if run.task in (*_TRAININGS, "evaluate") and "dataset" in result:
        top1 = result.get("val_top1")
        what = "evaluated" if run.task == "evaluate" else "trained"
        return f"{top1:.2f}% on {result['dataset']}" if top1 is not None else f"A network {what} on {result['dataset']}"
    if run.task == "correlate" and "networks" in result:
        return f"How proxies rank {result['networks']:,} networks"
    if run.task == "compare" and isinstance(result.get("networks"), list):
        return f"{len(result['networks'])} networks side by side"
    if run.task == "score" and "architectures" in result:
        count = len(result["architectures"])
        return f"Scores of {count:,} networks" if count > 1 else "Scores of a network"
    if run.task == "analyze":
        return "What a network costs"
    if run.task == "pipeline" and isinstance(result.get("stages"), dict):
        return f"{len(result['stages'])} stages, one after another"
    return f"task={run.task}"


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
