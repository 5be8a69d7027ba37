"""The report of a run: which sections each task has."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from zen_lightning.report.html.page import Section, page
from zen_lightning.report.html.reading import heading, lead
from zen_lightning.report.html.reproduce import reproduce
from zen_lightning.report.html.request import asked
from zen_lightning.runs.names import REPORT
from zen_lightning.runs.run_folder import RunFolder

__all__ = ["REPORT", "SECTIONS", "SectionOf", "build_report"]

SectionOf = Callable[[RunFolder], Section | Sequence[Section] | None]
"""Makes a section from the files of a run, or several; None where the run has nothing for it."""

_NETWORK = ("network.network", "published.published")
_TRAINING = ("request.answer", "training.training", *_NETWORK)
_FOUND = ("request.answer", "depths.depths", "optimum.optimum")
SECTIONS: Mapping[str, Sequence[str]] = {
    "search": (*_FOUND, "searching.search", *_NETWORK, "known.known_networks", "searching.finalists"),
    "pareto": (*_FOUND, "searching.front", *_NETWORK, "known.known_networks", "searching.front_networks"),
    "train": _TRAINING,
    "distill": _TRAINING,
    "evaluate": ("request.answer", *_NETWORK),
    "analyze": ("request.answer", *_NETWORK, "known.known_networks"),
    "export": ("request.answer", *_NETWORK),
    "score": ("scores.scores", "scores.scored_networks"),
    "correlate": ("correlations.correlations",),
    "compare": ("comparison.comparison",),
    "pipeline": ("other_tasks.stages",),
    "tune": ("many.trials", "other_tasks.anything"),
    "aggregate": ("many.groups", "other_tasks.anything"),
}
"""Module and function of each section by task, imported when they are wanted; what is not listed has
:func:`~zen_lightning.report.html.other_tasks.anything`."""


def build_report(run: RunFolder, sections: Sequence[SectionOf] | None = None) -> str:
    """Return the report of a run as one HTML file.

    Args:
        run: the files of the run.
        sections: between what was asked and how to reproduce it; by default those of its task. A run for which they have
            nothing shows its result as it is.
    """
    wanted = map(_section, SECTIONS.get(run.task, ())) if sections is None else sections
    shown = [section for make in wanted for section in _listed(make(run))]
    if not shown:
        shown = [*_listed(_section("other_tasks.anything")(run))]
    return page(
        title=heading(run),
        kicker=f"zen-lightning, task={run.task}",
        lead=lead(run),
        sections=[asked(run), *shown, reproduce(run)],
        footer=f"From the files of {run.path.name}. FLOPs are multiply-adds throughout.",
    )


def _section(name: str) -> SectionOf:
    module, _, function = name.partition(".")
    make: SectionOf = getattr(import_module(f"zen_lightning.report.html.{module}"), function)
    return make


def _listed(found: Section | Sequence[Section] | None) -> Sequence[Section]:
    return [] if found is None else [found] if isinstance(found, Section) else found
