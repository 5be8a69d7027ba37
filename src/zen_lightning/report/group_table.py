"""The table of an aggregate: a line for each group of runs."""

from collections.abc import Sequence

from zen_lightning.report.statistics import Group, summary_text


def group_table(by: Sequence[str], groups: Sequence[Group], metrics: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Return headings and cells, as text; a metric that some runs of a group lack says how many have it.

    Args:
        by: keys that the runs are grouped by.
        groups: the groups, of those keys.
        metrics: names of the metrics.

    Example:
        >>> from zen_lightning.report.statistics import Row, grouped
        >>> runs = [Row(("zen",), {"val_top1": value}) for value in (96.0, 96.2, None)]
        >>> group_table(["proxy"], grouped(runs, ["val_top1"]), ["val_top1"])
        (['proxy', 'runs', 'val_top1'], [['zen', '3', '96.10 ± 0.14 (n=2)']])
    """
    rows = []
    for group in groups:
        cells = [*(group.settings or ("all",)), f"{group.runs:,}"]
        for name in metrics:
            summary = group.metrics[name]
            fewer = f" (n={summary.n})" if 0 < summary.n < group.runs else ""
            cells.append(summary_text(name, summary) + fewer)
        rows.append(cells)
    return [*(by or [""]), "runs", *metrics], rows
