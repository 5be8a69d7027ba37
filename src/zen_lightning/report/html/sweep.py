"""The report of a sweep: its jobs with links, their results, and their curves in one chart."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zen_lightning.report.html.markup import Content, element
from zen_lightning.report.html.page import Section, page
from zen_lightning.report.html.runs import course_charts, run_link
from zen_lightning.report.html.svg import figures
from zen_lightning.report.html.tables import code, facts, paragraph, table
from zen_lightning.runs.command_line import command_line, override_path
from zen_lightning.runs.names import REPORT
from zen_lightning.runs.overrides import apart, in_all, parse_overrides
from zen_lightning.system.files import write_text
from zen_lightning.system.numbers import score_text, short_time


def write_sweep_report(folder: Path, jobs: Sequence[Mapping[str, Any]], names: Mapping[int, str], seconds: float) -> Path:
    """Write ``report.html`` into the folder of a sweep, and return its path.

    Args:
        folder: of the sweep.
        jobs: the rows of ``sweep.json``.
        names: what sets each job apart.
        seconds: since the sweep began.
    """
    common = in_all([job["overrides"] for job in jobs])
    sections = [Section("jobs", "The jobs", table(*_rows(folder, jobs, names), f"{len(jobs)} jobs", left=3, sortable=True))]
    charts = course_charts([(names[job["job"]], folder / job["folder"], job.get("scale")) for job in jobs])
    if charts:
        sections.append(Section("courses", "The curves of all jobs", figures(charts)))
    again = command_line(["task=aggregate", f"sweep={override_path(folder.absolute())}"])
    body = element(
        "div",
        paragraph("This writes a table of all runs, averaged over seeds, as Markdown, CSV and LaTeX:"),
        code(again, "command"),
    )
    sections.append(Section("aggregate", "Average over seeds", body))
    asked = [("settings of every job", _lines(common)), ("settings that vary", _lines(_varied(jobs)))]
    if told := [(name, lines) for name, lines in asked if lines]:
        sections.insert(0, Section("asked", "What was asked", facts(told)))
    done = sum(job["state"] == "done" for job in jobs)
    text = page(f"{len(jobs)} jobs", "zen-lightning, a sweep", f"{done} done; {short_time(seconds)}", sections)
    write_text(folder / REPORT, text)
    return folder / REPORT


def _varied(jobs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the settings that are not the same in all jobs, each with all of its values."""
    values: dict[str, dict[str, None]] = {}
    for overrides in apart([job["overrides"] for job in jobs]):
        for one in parse_overrides(overrides):
            values.setdefault(f"{one.sign}{one.key}", {})[one.text] = None
    return [f"{key}={','.join(found)}" for key, found in values.items()]


def _lines(overrides: Sequence[str]) -> Content:
    return [element("code", override, element("br")) for override in overrides]


def _rows(folder: Path, jobs: Sequence[Mapping[str, Any]], names: Mapping[int, str]) -> tuple[list[str], list[list[Content]]]:
    rows: list[list[Content]] = []
    for job in jobs:
        values = job["objective"] if isinstance(job["objective"], list) else [job["objective"]]
        told = ", ".join(score_text(value) for value in values if value is not None)
        name = run_link(f"{job['job']}", folder / job["folder"], folder)
        rows.append([name, names[job["job"]], job["error"] or job["state"], told, f"{job['seconds'] or 0:.1f}"])
    return ["job", "settings", "state", "result", "time, s"], rows
