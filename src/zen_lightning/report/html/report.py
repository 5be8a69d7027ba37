"""The report of a run: which sections it has."""

from zen_lightning.report.html import correlations, scores, searching
from zen_lightning.report.html.comparison import comparison
from zen_lightning.report.html.depths import depths
from zen_lightning.report.html.known import known_networks
from zen_lightning.report.html.network import network
from zen_lightning.report.html.optimum import optimum
from zen_lightning.report.html.other_tasks import REPORT, anything, stages
from zen_lightning.report.html.page import Section, page
from zen_lightning.report.html.published import published
from zen_lightning.report.html.reading import architecture_of, heading, lead
from zen_lightning.report.html.reproduce import reproduce
from zen_lightning.report.html.request import answer, asked
from zen_lightning.report.html.training import training
from zen_lightning.runs.run_folder import RunFolder

__all__ = ["REPORT", "build_report"]


def build_report(run: RunFolder) -> str:
    """Return the report of a run as one HTML file.

    What it shows depends on what the folder holds: a curve where there is a history, a cloud where there are candidates, a
    drawing where there is a network, and so on; so a run of any task has one.

    Args:
        run: the files of the run.
    """
    architecture = architecture_of(run)
    found: list[Section | None] = [
        answer(run),
        stages(run),
        *comparison(run),
        scores.scores(run) if run.task != "compare" else None,
        correlations.correlations(run),
        depths(run),
        optimum(run),
        searching.search(run),
        training(run),
        network(run, architecture) if architecture is not None else None,
        published(run, architecture) if architecture is not None else None,
        known_networks(run),
        searching.front_networks(run),
        searching.finalists(run),
        scores.scored_networks(run),
    ]
    shown = [section for section in found if section is not None] or [anything(run)]
    return page(
        title=heading(run),
        kicker=f"zen-lightning, task={run.task}",
        lead=lead(run),
        sections=[asked(run), *shown, reproduce(run)],
        footer=f"From the files of {run.path.name}. FLOPs are multiply-adds throughout.",
    )
