"""What a result says, in words: limits, headings, the network it is about."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from zen_lightning.arch import ArchitectureError, BaseArchitecture, parse_architecture
from zen_lightning.report.block_facts import BlockFacts, block_facts
from zen_lightning.report.costs import cost_of, kinds_of, limited
from zen_lightning.runs.overrides import last_value
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import short_time

_LONG = 48
"""Characters of a name that is too long for a heading. A choice: three lines on a phone."""

_RUN = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d")
"""How the name of a run's folder begins, unless its user gave another (`output_dir` in conf/task)."""


def limits_text(run: RunFolder) -> str:
    """Return the limits of a run as a sentence has them.

    Example:
        >>> from pathlib import Path
        >>> limits_text(RunFolder(Path(), "search", {"budgets": {"layers": 14, "flops": 6e8}}))
        '600M FLOPs and 14 layers'
    """
    return " and ".join(kind.phrase(value) for kind, value in limited(run))


def heading(run: RunFolder) -> str:
    """Return what the report is called."""
    make = HEADINGS.get(run.task)
    return (make(run) if make is not None else None) or f"task={run.task}"


def lead(run: RunFolder) -> str:
    """Return a sentence on how the result was found."""
    result = run.result
    parts = []
    if result.get("optimizer") == "exact":
        is_bounded = result.get("bound", 0.0) is not None  # In a front, each network has its own.
        parts.append(f"found by dynamic programming, {'with a bound' if is_bounded else 'ended before a bound was known'}")
    elif "iterations" in result:
        restarts = result.get("restarts", 1)
        searches = f" in {restarts} searches" if restarts > 1 else ""
        parts.append(f"{result['iterations']:,} candidates{searches}, {result.get('accepted', 0):,} of them scored and kept")
    if result.get("stopped_by_time") and result.get("minutes") is not None:
        parts.append(f"ended by its limit of {result['minutes']:g} minutes")
    if "epochs" in result:
        parts.append(f"{result['epochs']:,} epoch{'s' * (result['epochs'] != 1)}")
    if "images" in result:
        parts.append(f"{result['images']:,} image{'s' * (result['images'] != 1)}")
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


def costs(run: RunFolder) -> list[tuple[str, str]]:
    """Return what the network of a run costs, as names and values."""
    values = [(kind, cost_of(run.result, kind)) for kind in kinds_of(run)]
    return [(kind.title, kind.text(value)) for kind, value in values if value is not None]


def _network_for(run: RunFolder) -> str:
    limits = limits_text(run)
    return f"A network for {limits}" if limits else "A network without a limit"


def _front_up_to(run: RunFolder) -> str:
    limits = limits_text(run)
    return f"A network for every budget{f' up to {limits}' if limits else ''}"


def _accuracy(what: str, run: RunFolder) -> str | None:
    top1, dataset = run.result.get("val_top1"), run.result.get("dataset")
    if dataset is None:
        return None
    return f"A network {what} on {dataset}" if top1 is None else f"{top1:.2f}% on {dataset}"


def _scores(run: RunFolder) -> str:
    count = len(run.result.get("architectures", ()))
    return f"Scores of {count:,} networks" if count > 1 else "Scores of a network"


def _called(run: RunFolder) -> str:
    """Return the name of the network that a command was given; of a structure, or a list, that it is one."""
    arch = last_value(run.overrides, "arch") or ""
    if set("(|[{") & set(arch):
        return "a network"
    path = Path(arch)
    if any(_RUN.match(name) for name in path.parts[-2:]):
        return "the network of a run"
    return path.name if path.name and len(path.name) < _LONG else "a network"


def _latency(run: RunFolder) -> str | None:
    """Return the latency of the one network that was timed at one batch size, or how many were timed."""
    networks = run.result.get("networks") or []
    if len(networks) != 1 or len(networks[0]["latencies"]) != 1:
        return f"How long {len(networks):,} network{'s take' if len(networks) != 1 else ' takes'}"
    one = networks[0]["latencies"][0]
    value = one.get("milliseconds", one.get("predicted_ms"))
    return None if value is None else f"{value:.4g} ms an image on {run.result['device']}"


HEADINGS: Mapping[str, Callable[[RunFolder], str | None]] = {
    "search": _network_for,
    "pareto": _front_up_to,
    "train": partial(_accuracy, "trained"),
    "distill": partial(_accuracy, "trained"),
    "evaluate": partial(_accuracy, "evaluated"),
    "predict": lambda run: f"The classes of {run.result['images']:,} images",
    "correlate": lambda run: f"How proxies rank {run.result['networks']:,} networks",
    "compare": lambda run: f"{len(run.result['networks'])} networks side by side",
    "score": _scores,
    "latency": _latency,
    "analyze": lambda run: f"What {_called(run)} costs",
    "tune": lambda run: f"The best of {run.result['trials']:,} trials",
    "aggregate": lambda run: f"{run.result['runs']:,} runs in {len(run.result['groups']):,} groups",
    "pipeline": lambda run: f"{len(run.result['stages'])} stages: {', '.join(run.result['stages'])}",
}
"""The title of a task's report, from its result; None, and tasks that are not listed, go by their name."""
