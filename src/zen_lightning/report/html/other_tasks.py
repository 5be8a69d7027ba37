"""What a report says of runs that concern no single network: a pipeline, and any task that has no section of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from zen_lightning.budget import FlopsLimit, ParamsLimit
from zen_lightning.report.costs import cost_cells
from zen_lightning.report.html.markup import Content, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.tables import code, facts, link, table, value_text
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import score_text, short_time

REPORT = "report.html"
_APART = ("versions", "git_commit", "structure", "seed", "seconds", "format", "finished", "task")
_LONG = 60
"""Characters of a list above which it has the width of the page. A choice: three lines of a column on a phone."""

_MOST_ROWS = 200
"""Rows of a table on a page. A choice: the whole table is in its CSV file."""


def stages(run: RunFolder) -> Section | None:
    """Return the section on the stages of a pipeline, each with a link to its own report; None for other tasks."""
    found = run.result.get("stages")
    if not isinstance(found, dict):
        return None
    rows = [_stage(run, name, stage) for name, stage in found.items()]
    columns = ["stage", "dataset", "px", "parameters", "FLOPs", "score", "top-1", "time"]
    structures = dict.fromkeys(stage["structure"] for stage in found.values() if "structure" in stage)
    body = markup(table(columns, rows, "Results of the stages", left=2), [code(text, "structure") for text in structures])
    return Section("stages", "The stages", body)


def anything(run: RunFolder) -> Section:
    """Return the section on whatever a result holds: single values, and lists of records as tables."""
    pairs: list[tuple[str, Content]] = []
    tables: list[Content] = []
    for key, value in run.result.items():
        if key in _APART or value in (None, [], {}):
            continue
        if _is_records(value):
            tables.append(_records(key, _flat(value)))
        elif isinstance(value, Mapping):
            pairs += [(f"{key.replace('_', ' ')}: {name}", value_text(one)) for name, one in value.items() if _is_plain(one)]
        elif key.endswith("folder") and isinstance(value, str) and (run.path / value / REPORT).is_file():
            pairs.append((key.replace("_", " "), link(value, f"{value}/{REPORT}")))
        elif isinstance(value, list):
            text = ", ".join(map(str, value))
            pairs.append((key.replace("_", " "), element("code", text) if len(text) > _LONG else text))
        else:
            pairs.append((key.replace("_", " "), value_text(value)))
    return Section("result", "The result", element("div", facts(pairs) if pairs else None, tables))


def _stage(run: RunFolder, name: str, stage: Mapping[str, Any]) -> list[Content]:
    folder = str(stage.get("folder", name))
    report = run.path / folder / REPORT
    score, top1 = stage.get("score"), stage.get("val_top1")
    return [
        link(name, f"{folder}/{REPORT}") if report.is_file() else name,
        stage.get("dataset", ""),
        str(stage.get("resolution", "")),
        *cost_cells(stage, (ParamsLimit, FlopsLimit)),
        score_text(score) if isinstance(score, float) else "",
        f"{top1:.2f}%" if isinstance(top1, float) else "",
        short_time(stage["seconds"]) if "seconds" in stage else "",
    ]


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _is_plain(value: Any) -> bool:
    return value is not None and not isinstance(value, list | dict)


def _flat(rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return a row for each record within a record, such as each batch size at which a network was timed."""
    found: list[Mapping[str, Any]] = []
    for row in rows:
        inner: list[Mapping[str, Any]] = next((value for value in row.values() if _is_records(value)), [{}])
        found += [dict(_leaves({**row, **one})) for one in inner]
    return found


def _leaves(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a record, those of records within it by both names."""
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", value


def _records(key: str, rows: list[Mapping[str, Any]]) -> Content:
    named = dict.fromkeys(name for row in rows for name in row)
    columns = [name for name in named if not any(isinstance(row.get(name), list | dict) for row in rows)]
    cells = [[value_text(row.get(name)) for name in columns] for row in rows[:_MOST_ROWS]]
    return table([name.replace("_", " ") for name in columns], cells, key.replace("_", " "), left=len(columns))
