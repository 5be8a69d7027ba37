"""The blocks of a move that can be part of a network within the limits."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zen_lightning.search.exact.arrays import Ints
from zen_lightning.search.exact.chain import Move
from zen_lightning.search.exact.costs import UNREACHED, Cost, Times, price, times_by_input
from zen_lightning.search.exact.needless import ruled, without_dearer
from zen_lightning.search.exact.options import Firsts, Lookup, Options, renumbered, rows_of
from zen_lightning.search.exact.rows import UnitRow
from zen_lightning.search.exact.rules import Rules
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.widths import STEP, Widths
from zen_lightning.search.time_limit import check_time

_IMAGE_CHANNELS = 3
"""Profiles of latency know images of three channels."""


def options_of(
    move: Move,
    widths: Widths,
    costs: Sequence[Cost],
    score: AdditiveScore,
    outs: Ints,
    bottlenecks: Ints,
    tied: bool = False,
    arriving: Ints | None = None,
    rules: Rules | None = None,
) -> Options:
    """Return the blocks of a move that can be part of a network within the limits.

    Args:
        move: the move.
        widths: the widths that ``outs`` and ``bottlenecks`` number.
        costs: the limited costs.
        score: the score, for the growth of the excess.
        outs: numbers of the output widths; ignored if the space fixes the width.
        bottlenecks: numbers of the widths of bottlenecks.
        tied: whether a bottleneck may also be as wide as the block's output.
        arriving: numbers of the input widths that are possible; needed where blocks are stated for one each.
        rules: what networks obey besides the limits.
    """
    if move.fixed is not None:
        outs = widths.numbers([move.fixed[0]])
    out, bottleneck = outs, np.zeros_like(outs)
    if move.by_input:
        assert arriving is not None
        out, bottleneck = (grid.reshape(-1) for grid in np.meshgrid(outs, arriving, indexing="ij"))
    elif move.residual and move.has_bottleneck:
        out, bottleneck = (grid.reshape(-1) for grid in np.meshgrid(outs, bottlenecks, indexing="ij"))
        if tied:
            out, bottleneck = np.concatenate([out, outs]), np.concatenate([bottleneck, outs])
            out, bottleneck = np.divmod(np.unique(out * len(widths) + bottleneck), len(widths))
    parts = [_of_name(move, number, widths, costs, score, out, bottleneck, arriving) for number in range(len(move.names))]
    units = [part[1] for part in parts]
    keys = [score.first_key(unit, move.place) for unit in units]
    kinds = list(dict.fromkeys(keys))
    inputs = widths.channels[arriving] if move.by_input and arriving is not None else None
    firsts = Firsts(tuple(units[keys.index(kind)] for kind in kinds), move.place, inputs)
    joined: dict[str, list[np.ndarray]] = {}
    shapes = 0
    for number, (columns, _, _) in enumerate(parts):
        count = len(columns["out"])
        columns["base"] = columns["base"] + shapes
        columns["name"] = np.full(count, number)
        if inputs is not None and arriving is not None:
            columns["first"] = np.searchsorted(arriving, columns["bottleneck"])
        else:
            columns["first"] = np.full(count, kinds.index(keys[number]))
        shapes += count
        for key, column in columns.items():
            joined.setdefault(key, []).append(column)
    lookups = tuple(map(_joined, zip(*[part[2] for part in parts], strict=True)))
    every = {key: np.concatenate(columns) for key, columns in joined.items()}
    options = Options(move=move, firsts=firsts, lookups=lookups, **every)
    if move.by_input and len(costs):
        options = without_dearer(options, score, widths)
    return options if rules is None else ruled(options, widths, rules)


def _of_name(
    move: Move,
    number: int,
    widths: Widths,
    costs: Sequence[Cost],
    score: AdditiveScore,
    out: Ints,
    bottleneck: Ints,
    arriving: Ints | None,
) -> tuple[dict[str, np.ndarray], UnitRow, list[Lookup]]:
    """Return the columns of the blocks of one name, their first unit, and their costs that are looked up."""
    check_time()
    layers = [move.fixed[1]] if move.fixed is not None else list(range(1, move.layers + 1))
    first, later = rows_of(move, number, widths, out, bottleneck)
    prices = [price(cost, first, later, move.place.size, layers[-1], move.stage) for cost in costs]
    slope = np.stack([priced[0].slope for priced in prices], axis=1) if costs else np.zeros((len(out), 0), np.int64)
    lookups = [
        lookup
        for which, cost in enumerate(costs)
        if cost.times is not None
        for lookup in _lookups(which, cost.times, move, first[0], widths, arriving)
    ]
    cheapest = np.zeros_like(slope)
    for lookup in lookups:
        cheapest[:, lookup.cost] += lookup.table.min(axis=1)[lookup.which]
    grown = score.gains(first, later, move.place, np.zeros(0, np.int64), layers[-1])
    columns: dict[str, list[np.ndarray]] = {}
    shapes = np.arange(len(out))
    least = 1 if move.place.reads_image else STEP
    checked = [which for which, cost in enumerate(costs) if not cost.signed]
    for n in layers:
        rest = np.stack([priced[n - 1].rest for priced in prices], axis=1) if costs else np.zeros((len(out), 0), np.int64)
        fits = np.ones(len(out), bool)
        for which in checked:
            cost = costs[which]
            fits &= slope[:, which] * least + cheapest[:, which] + rest[:, which] + cost.constant <= cost.maximum * cost.reach
        found = {
            "base": shapes,
            "layers": np.full(len(out), n),
            "rest": rest,
            "grows": grown[n - 1].grows,
            "adds": grown[n - 1].adds,
        }
        for key, column in found.items():
            columns.setdefault(key, []).append(column[fits])
    blocks = {key: np.concatenate(column) for key, column in columns.items()}
    used, blocks["base"] = renumbered(blocks["base"], len(out))
    columns_of_shapes = {"out": out[used], "bottleneck": bottleneck[used], "slope": slope[used]}
    lookups = [replace(lookup, which=lookup.which[used]) for lookup in lookups]
    return {**blocks, **columns_of_shapes}, first[0], lookups


def _lookups(cost: int, times: Times, move: Move, unit: UnitRow, widths: Widths, arriving: Ints | None) -> list[Lookup]:
    """Return the times of what reads the input of blocks; of inputs that cannot arrive, none is computed."""
    if move.place.reads_image:
        channels = np.array([_IMAGE_CHANNELS])
        return [Lookup(cost, which, table) for which, table in times_by_input(times, unit, move.place.size, channels)]
    numbers = np.arange(len(widths)) if arriving is None else arriving
    lookups = []
    for which, some in times_by_input(times, unit, move.place.size, widths.channels[numbers]):
        table = np.full((len(some), len(widths)), UNREACHED)
        table[:, numbers] = some
        lookups.append(Lookup(cost, which, table))
    return lookups


def _joined(parts: Sequence[Lookup]) -> Lookup:
    """Return a lookup of several kinds of shapes as one."""
    before = np.cumsum([0, *(len(part.table) for part in parts)])
    which = np.concatenate([part.which + rows for part, rows in zip(parts, before[:-1], strict=True)])
    return Lookup(parts[0].cost, which, np.concatenate([part.table for part in parts]))
