"""What was asked, what the answer is, and how it compares with its budget."""

from collections.abc import Mapping
from typing import Any

from zen_lightning.report.costs import cost_of, limited
from zen_lightning.report.html.markup import Content, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.reading import costs, limits_text
from zen_lightning.report.html.reproduce import shell_words
from zen_lightning.report.html.tables import bar, code, facts, paragraph, table, tiles, value_text
from zen_lightning.report.top5 import top5_tells
from zen_lightning.runs.overrides import last_value, parse_overrides
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import score_text

_ASKED = (
    ("arch", "network"),
    ("start", "start"),
    ("asked_start", "start asked for, which does not fit the budget"),
    ("dataset", "dataset"),
    ("accuracies", "accuracies"),
    ("accuracy", "column"),
    ("weights", "weights"),
    ("train_images", "training images"),
    ("global_batch", "batch size, all processes"),
    ("highest_lr", "highest learning rate"),
    ("precision", "precision"),
    ("device", "device"),
    ("placement", "images live on"),
    ("resolution", "resolution"),
    ("num_classes", "classes"),
    ("use_se", "squeeze-and-excitation"),
    ("seed", "seed"),
)
_MAKES_WEIGHTS = ("train", "distill")
"""Tasks whose results name weights of their own."""

_TOLD_APART = ("task", "experiment", "output_dir", "resume", "imports", "seed")
"""Keys that have a line of their own, or that the section on reproducing a run is about."""

_GROUPS_OF = {"search": ("budget", "search", "search_space"), "pareto": ("budget", "search", "search_space", "objectives")}
"""Groups of which each task has a line."""

_UNUSUAL = {"class_weights": None, "sampling": "shuffled", "repeats": 1}
"""Parts of a recipe that are shown where they are not as usual."""

_SHAPES = {
    "widths": "widths",
    "layers_each_stage": "layers of each stage",
    "effectiveness": "depth over mean width",
    "largest_share": "largest share of the FLOPs in one stage",
}
_AS_THEY_ARE = {"resolution": " px", "seed": ""}
"""Numbers without commas, and what follows them."""


def asked(run: RunFolder) -> Section:
    """Return the section on what was asked."""
    result = run.result
    experiments = [override.partition("=")[2] for override in run.overrides if override.startswith("experiment=")]
    pairs: list[tuple[str, Content]] = [("task", run.task), ("experiment", ", ".join(experiments))]
    if "budget" in result:
        limits = limits_text(run) or "no limit"
        pairs.append(("budget", f"{result['budget']}: {limits}"))
        pairs.append(("shape", _shape(result.get("shape") or {})))
    if "objectives" in result:
        pairs.append(("objectives", ", ".join(map(str, result["objectives"]))))
    if "search" in result:
        proxy = (
            result.get("search_score_by") or result.get("proxy") or str(run.setting("proxy._target_") or "").rpartition(".")[2]
        )
        by = f", scored by {proxy}" if proxy and proxy != result["search"] else ""
        pairs.append(("search", f"{result['search']}{by}"))
        space = str(run.setting("search_space._target_") or "").rpartition(".")[2]
        pairs.append(("search space", result.get("search_space") or space or None))
        if result.get("optimizer") == "exact":
            pairs.append(("optimizer", "exact"))
        else:
            pairs.append(("moves", result.get("moves") or run.setting("search_space.moves")))
            pairs.append(("population", run.setting("search.population_size") if run.task == "search" else None))
    if isinstance(result.get("latency"), Mapping):
        pairs.append(("latency", _latency(result["latency"])))
    teacher = run.setting("teacher.name") if run.task == "distill" else None
    pairs.append(("teacher", None if teacher in (None, "none") else _teacher(run)))
    found = result.get("recipe")
    recipe: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    for key, usual in _UNUSUAL.items():
        if recipe.get(key, usual) != usual:
            pairs.append((key.replace("_", " "), str(recipe[key])))
    for key, name in _ASKED:
        value = result.get(key, run.setting(key) if key == "start" and "search" in result else None)
        if key == "weights" and run.task in _MAKES_WEIGHTS:
            value = last_value(run.overrides, key)  # In its result are those that it made.
        pairs.append((name, _written(value, key)))
    pairs.append(("settings of the command", _settings(run)))
    return Section("asked", "What was asked", facts([(name, value) for name, value in pairs if value not in (None, "")]))


def answer(run: RunFolder) -> Section | None:
    """Return the section on the answer and its budget; None where a run is not about one network."""
    result = run.result
    figures: list[tuple[str, Content]] = []
    if isinstance(result.get("score"), float):
        error = result.get("score_standard_error")
        figures.append(("score", score_text(result["score"]) + (f" ± {error:.2g}" if error else "")))
    if isinstance(result.get("zen_running"), float):
        figures.append(("Zen-score", f"{result['zen_running']:.2f}"))
    for key, name in (("val_top1", "top-1"), ("val_top5", "top-5")):
        if isinstance(result.get(key), float) and (key != "val_top5" or top5_tells(result.get("num_classes"))):
            figures.append((name, f"{result[key]:.2f}%"))
    figures += costs(run)
    structure = result.get("structure")
    if not isinstance(structure, str):
        return None
    body: list[Content] = [tiles(figures)]
    if result.get("budgets") or result.get("shape"):
        body.append(_budget(run))
    if "search_score" in result and result["search_score"] != result["score"]:
        by, first = result.get("score_by", "the second proxy"), result.get("search_score_by", "score")
        said = f"Final score by {by}; the {first} used in the search gave {score_text(result['search_score'])}."
        body.append(paragraph(said))
    body.append(code(structure, "structure"))
    return Section("answer", "The answer", markup(*body))


def _budget(run: RunFolder) -> Content:
    rows: list[tuple[Content, ...]] = []
    for kind, limit in limited(run):
        value = cost_of(run.result, kind)
        if value is None:
            continue
        share = value / limit
        rows.append((kind.title, kind.text(value), kind.text(limit), bar(share, f"{share:.1%}")))
    for name, shape in (run.result.get("shape") or {}).items():
        if isinstance(shape, Mapping):  # Of a front it says what was demanded alone.
            rows.append((_SHAPES.get(name, name), shape["found"], shape["wanted"], ""))
    return table(["limit", "network", "budget", "used"], rows, "Against its budget") if rows else None


def _settings(run: RunFolder) -> Content:
    """Return what the command set beyond what has a line of its own; None where it set nothing else."""
    shown = {*_TOLD_APART, *(key for key, _ in _ASKED if key in run.result), *_GROUPS_OF.get(run.task, ())}
    more = [
        override for one, override in zip(parse_overrides(run.overrides), run.overrides, strict=True) if one.key not in shown
    ]
    lines = [element("code", shell_words([override]), element("br")) for override in more]
    return markup(*lines) if lines else None


def _shape(shape: Mapping[str, Any]) -> str:
    wanted = {name: told["wanted"] if isinstance(told, Mapping) else told for name, told in shape.items()}
    return ", ".join(f"{_SHAPES.get(name, name)}: {told}" for name, told in wanted.items())


def _latency(found: Mapping[str, Any]) -> str:
    """Return how the latency of an answer is known, and of what device it is."""
    settings = found.get("settings") or {}
    how = "predicted" if found.get("measured_ms") is None else "measured"
    if how == "measured" and not found.get("trusted", True):
        how += ", not to be trusted: the device was busy"
    parts = [how, found.get("device"), settings.get("device"), settings.get("dtype"), f"batch {settings.get('batch_size')}"]
    return ", ".join(str(part) for part in [*parts, f"profile {found.get('profile')}"] if part)


def _teacher(run: RunFolder) -> str:
    more = run.setting("teacher.model") or run.setting("teacher.arch")
    return ", ".join(str(part) for part in (run.setting("teacher.name"), more) if part)


def _written(value: Any, key: str) -> Content:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "with" if value else None
    if key in _AS_THEY_ARE and value is not None:
        return f"{value}{_AS_THEY_ARE[key]}"
    return value_text(value)
