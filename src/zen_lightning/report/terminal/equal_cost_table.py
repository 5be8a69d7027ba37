"""How proxies rank networks of equal cost, and what a budget loses by trusting them, as rows of text."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from zen_lightning.correlate.bands import Band
from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.correlate.regret import Regret
from zen_lightning.correlate.study import ProxyResult
from zen_lightning.report.table_formats import markdown_table
from zen_lightning.system.numbers import interval_text, short_count

NOTHING = "n/a"


class Rows(NamedTuple):
    """A table.

    Attributes:
        title: one line.
        columns: headings.
        rows: cells as text.
    """

    title: str
    columns: list[str]
    rows: list[list[str]]

    def markdown(self) -> str:
        """Return the table as GitHub has it, below its title."""
        return f"{self.title}\n\n{markdown_table(self.columns, self.rows)}"


def equal_cost_rows(results: Sequence[ProxyResult]) -> Rows | None:
    """Return Kendall's tau within each band and the partial correlation of each proxy; None without bands."""
    bands = [found.band for found in results[0].findings.within] if results else []
    if not bands:
        return None
    pairs = ", ".join(_pairs(results, band, number) for number, band in enumerate(bands))
    title = f"Kendall's tau of networks of equal cost ({pairs}); Spearman's rho with the costs taken out"
    columns = ["proxy", *map(str, bands), "partial"]
    rows = [
        [result.label, *(_text(found.kendall) for found in result.findings.within), _text(result.findings.partial)]
        for result in results
    ]
    return Rows(title, columns, rows)


def empty_bands(results: Sequence[ProxyResult]) -> list[str]:
    """Return a sentence for each band in which no two networks lie."""
    found = results[0].findings.within if results else []
    return [
        f"no two networks lie within {one.band}: widen it"
        + ("; a number is a difference, write 10% for a share" if any(width.difference for width in one.band.widths) else "")
        for number, one in enumerate(found)
        if not any(result.findings.within[number].pairs for result in results)
    ]


def regret_rows(results: Sequence[ProxyResult]) -> Rows | None:
    """Return what the best by each score reach under each budget; None where no budget holds enough networks."""
    told = [[found for found in result.findings.regrets if found is not None] for result in results]
    first = max(told, key=len, default=[])
    if not first:
        return None
    columns = ["proxy", *(f"{found.cost} {short_count(found.budget)}" for found in first)]
    named = [
        ["networks", *(f"{found.networks:,}" for found in first)],
        ["mean of all", *(f"{found.mean:.2f}" for found in first)],
        [f"best {first[0].best} there are", *(f"{found.possible:.2f}" for found in first)],
    ]
    for result, regrets in zip(results, told, strict=True):
        found = {(one.cost, one.budget): one for one in regrets}
        named.append([result.label, *(_reached(found.get((one.cost, one.budget))) for one in first)])
    what = f"Accuracy of the {first[0].best} best by score of those that cost 85 to 100% of a budget"
    return Rows(f"{what}, and share of the possible gain", columns, named)


def empty_budgets(
    results: Sequence[ProxyResult], budgets: Sequence[tuple[str, float]], costs: Mapping[str, Sequence[float]], best: int
) -> list[str]:
    """Return a sentence for each cost with budgets under which too few networks lie for a regret.

    Args:
        results: the results of the proxies.
        budgets: cost and bound of each budget that was asked for.
        costs: the costs of the networks, by name.
        best: how many networks a score picks.
    """
    empty: dict[str, list[float]] = {}
    for number, (name, bound) in enumerate(budgets):
        if results and all(result.findings.regrets[number] is None for result in results):
            empty.setdefault(name, []).append(bound)
    return [
        f"the regret is not computed at {name} {', '.join(map(short_count, bounds))}: fewer than {2 * best} networks, twice "
        f"best={best}, cost 85 to 100% of that; all of them cost "
        f"{short_count(min(costs[name]))} to {short_count(max(costs[name]))}"
        for name, bounds in empty.items()
    ]


def _reached(found: Regret | None) -> str:
    if found is None:
        return NOTHING
    share = NOTHING if found.share is None else interval_text(*found.share, form=".0%")
    return f"{found.reached:.2f}, {share}"


def _pairs(results: Sequence[ProxyResult], band: Band, number: int) -> str:
    most = max(result.findings.within[number].pairs for result in results)
    return f"{band}: {most:,} pairs"


def _text(found: Estimate | None) -> str:
    # Two decimals, so that several bands fit into 80 characters.
    return NOTHING if found is None else interval_text(*found, form=".2f")
