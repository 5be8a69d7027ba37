"""The report of a run: which sections each task has."""

from collections.abc import Callable, Mapping, Sequence

from zen_lightning.report.html.comparison import comparison
from zen_lightning.report.html.correlations import correlations
from zen_lightning.report.html.depths import depths
from zen_lightning.report.html.known import known_networks
from zen_lightning.report.html.many import groups, trials
from zen_lightning.report.html.network import network
from zen_lightning.report.html.optimum import optimum
from zen_lightning.report.html.other_tasks import REPORT, anything, stages
from zen_lightning.report.html.page import Section, page
from zen_lightning.report.html.published import published
from zen_lightning.report.html.reading import heading, lead
from zen_lightning.report.html.reproduce import reproduce
from zen_lightning.report.html.request import answer, asked
from zen_lightning.report.html.scores import scored_networks, scores
from zen_lightning.report.html.searching import finalists, front, front_networks, search
from zen_lightning.report.html.training import training
from zen_lightning.runs.run_folder import RunFolder

__all__ = ["REPORT", "SECTIONS", "SectionOf", "build_report"]

SectionOf = Callable[[RunFolder], Section | Sequence[Section] | None]
"""Makes a section from the files of a run, or several; None where the run has nothing for it."""

_NETWORK = (network, published)
_TRAINING = (answer, training, *_NETWORK)
SECTIONS: Mapping[str, Sequence[SectionOf]] = {
    "search": (answer, depths, optimum, search, *_NETWORK, known_networks, finalists),
    "pareto": (answer, depths, optimum, front, *_NETWORK, known_networks, front_networks),
    "train": _TRAINING,
    "distill": _TRAINING,
    "evaluate": (answer, *_NETWORK),
    "analyze": (answer, *_NETWORK, known_networks),
    "export": (answer, *_NETWORK),
    "score": (scores, scored_networks),
    "correlate": (correlations,),
    "compare": (comparison,),
    "pipeline": (stages,),
    "tune": (trials, anything),
    "aggregate": (groups, anything),
}
"""By task; what is not listed has :func:`~zen_lightning.report.html.other_tasks.anything`."""


def build_report(run: RunFolder, sections: Sequence[SectionOf] | None = None) -> str:
    """Return the report of a run as one HTML file.

    Args:
        run: the files of the run.
        sections: between what was asked and how to reproduce it; by default those of its task. A run for which they have
            nothing shows its result as it is.
    """
    wanted = SECTIONS.get(run.task, ()) if sections is None else sections
    shown = [section for make in wanted for section in _listed(make(run))] or [anything(run)]
    return page(
        title=heading(run),
        kicker=f"zen-lightning, task={run.task}",
        lead=lead(run),
        sections=[asked(run), *shown, reproduce(run)],
        footer=f"From the files of {run.path.name}. FLOPs are multiply-adds throughout.",
    )


def _listed(found: Section | Sequence[Section] | None) -> Sequence[Section]:
    return [] if found is None else [found] if isinstance(found, Section) else found
