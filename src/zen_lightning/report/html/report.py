"""The report of a run, from the sections that its task names."""

from collections.abc import Callable, Sequence
from importlib import import_module

from zen_lightning.report.html.page import Section, page
from zen_lightning.report.html.reading import heading, lead
from zen_lightning.report.html.reproduce import reproduce
from zen_lightning.report.html.request import asked
from zen_lightning.runs.run_folder import RunFolder

SectionOf = Callable[[RunFolder], Section | Sequence[Section] | None]
"""Makes a section from the files of a run, or several; None where the run has nothing for it."""


def build_report(run: RunFolder, sections: Sequence[SectionOf | str] = ()) -> str:
    """Return the report of a run as one HTML file.

    Args:
        run: the files of the run.
        sections: of its task, between what was asked and how to reproduce it: functions, or module and name of those of this
            package. A run for which they have nothing shows its result as it is.
    """
    shown = [section for make in sections for section in _listed(section_maker(make)(run))]
    if not shown:
        shown = [*_listed(section_maker("other_tasks.anything")(run))]
    return page(
        title=heading(run),
        kicker=f"zen-lightning, task={run.task}",
        lead=lead(run),
        sections=[asked(run), *shown, reproduce(run)],
        footer=f"From the files of {run.path.name}. FLOPs are multiply-adds throughout.",
    )


def section_maker(made: SectionOf | str) -> SectionOf:
    """Return what makes a section: as it is, or by its module and name in this package, imported at this moment."""
    if not isinstance(made, str):
        return made
    module, _, function = made.partition(".")
    make: SectionOf = getattr(import_module(f"zen_lightning.report.html.{module}"), function)
    return make


def _listed(found: Section | Sequence[Section] | None) -> Sequence[Section]:
    return [] if found is None else [found] if isinstance(found, Section) else found
