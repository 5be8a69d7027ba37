"""Blocks that no network needs: those that rules forbid, and those that another equals at no higher cost."""

from dataclasses import replace

import numpy as np

from zen_lightning.search.exact.options import Options, rows_of
from zen_lightning.search.exact.peaks import widest_inputs
from zen_lightning.search.exact.rules import Rules
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.widths import STEP, Widths


def without_dearer(options: Options, score: AdditiveScore, widths: Widths) -> Options:
    """Return the blocks without those that another of the same widths and sub-layers equals in everything but a higher cost.

    So it is with squeeze-and-excitation, for which most scores give nothing.
    """
    gains = options.scores(score, widths, np.arange(2) if score.is_linear else np.zeros(1, np.int64))
    same = [options.out[options.base], options.bottleneck[options.base], options.layers, options.grows, options.adds, *gains.T]
    order = np.lexsort((options.rest.sum(axis=1), *same))
    kept = np.ones(len(order), bool)
    for distance in range(1, len(options.move.names)):
        # Of blocks that agree, the first in this order costs least; later ones are dropped where no cost of theirs is lower.
        rival, at = order[:-distance], order[distance:]
        agree = np.all([column[rival] == column[at] for column in same], axis=0)
        if not agree.any():
            break
        kept[at[agree & np.all(options.rest[rival] <= options.rest[at], axis=1)]] = False
    return options.keep(kept)


def ruled(options: Options, widths: Widths, rules: Rules) -> Options:
    """Return the blocks that rules allow, with the widest input that they allow each."""
    move = options.move
    if not rules.rising and rules.peak is None:
        return options
    widest = np.full(len(options), np.iinfo(np.int64).max)
    if rules.rising and not move.place.reads_image:
        widest = np.minimum(widest, widths.channels[options.outs])
    if rules.peak is not None:
        for number in np.unique(options.name):
            shapes = np.flatnonzero(options.name == number)
            rows = rows_of(move, int(number), widths, options.out[shapes], options.bottleneck[shapes])
            chosen = np.flatnonzero(options.name[options.base] == number)
            at = np.searchsorted(shapes, options.base[chosen])
            inputs = widest_inputs(*rows, move.place.size, rules.peak)
            widest[chosen] = np.minimum(
                widest[chosen], np.where(options.layers[chosen] > 1, inputs.several[at], inputs.one[at])
            )
    if move.by_input:
        return options.keep(widths.channels[options.bottleneck[options.base]] <= widest)
    least = 1 if move.place.reads_image else STEP
    return replace(options, widest=widest).keep(widest >= least)
