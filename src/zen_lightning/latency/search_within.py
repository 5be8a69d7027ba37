"""Searches under a predicted latency: search, measure the best, search again if the prediction was off."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget.network_latency import NetworkLatency
from zen_lightning.latency.at_hand import is_here
from zen_lightning.latency.calibration import calibrated, keep_ratio, under_ratio
from zen_lightning.latency.network_latency import measure_latency_of, predict_latency_of, predicted_limit
from zen_lightning.runs.names import RESULT
from zen_lightning.search.events import Say
from zen_lightning.search.finalists import Finalist, best_distinct
from zen_lightning.search.restarts import journal_path
from zen_lightning.search.run import SearchOutcome, SearchSetup

_SECONDS = 1.5
_CONFIRM_SECONDS = 3.0
"""That a network is measured for, at first and before it is the answer. A choice."""

_ATTEMPTS = 3
"""Searches at most. A choice: each takes as long as the first."""

_SHORT, _OVER = 0.95, 1.02
"""Of the budget: a search whose best use less is repeated; an answer above it, after all, asks for a new profile. A choice."""

_SAME_RATIO = 0.01
"""Ratios of measured and predicted that differ by less are the same: measurements do not repeat any closer."""

_SPARES, _LAST_LOOK, _LOOKED_THROUGH = 8, 3, 500
"""Networks that are measured where no finalist fits, those measured once more where no spare does, and how many of the
population are looked through for spares. A choice: half a minute of measurements at most."""

Latencies = dict[BaseArchitecture, NetworkLatency]


def search_within(
    setup: SearchSetup,
    resolution: int,
    finalists: int,
    restarts: int,
    folder: Path,
    calibrate: bool,
    search: Callable[[SearchSetup, float | None], list[SearchOutcome]],
    say: Say,
    minutes: float | None = None,
) -> tuple[SearchSetup, list[SearchOutcome], Latencies]:
    """Search, measure the best, and search again where they miss the budget by more than 5%: twice at most.

    Where the profile is of another device, the latencies are predicted, and there is one search.

    Args:
        setup: what to search.
        resolution: height and width of the images.
        finalists: networks that are measured.
        restarts: searches whose journals are removed before they are repeated.
        folder: of the run.
        calibrate: whether to correct predictions by measurements.
        search: runs all restarts, within so many minutes.
        say: is told what is done.
        minutes: of all searches together; a search that could no longer take as long as the first is not begun. None for no
            limit.

    Returns:
        the last search: its setup, what it found, and the latencies of its best.
    """
    plain, setup = setup, calibrated(setup, resolution, folder, calibrate, say)
    limit = predicted_limit(setup.budget)
    assert limit is not None
    here = is_here(limit.predictor.profile)
    finished = (folder / RESULT).exists()  # What is there is not thrown away for a measurement of today.
    attempts = _ATTEMPTS if here and calibrate and setup.proxy.cheap and not finished else 1
    for attempt in range(attempts):
        began = time.monotonic()
        outcomes = search(setup, minutes)
        # A search that is continued also has the time of its earlier runs.
        took = max(time.monotonic() - began, *(one.seconds for one in outcomes)) / 60
        latencies: Latencies = {}
        for candidate in best_distinct(outcomes, max(1, finalists), setup.proxy):
            if here:
                latencies[candidate.architecture] = measure_latency_of(limit, candidate.architecture, _SECONDS)
            else:
                latencies[candidate.architecture] = predict_latency_of(limit, candidate.architecture)
        if not here:
            break
        found = list(latencies.values())
        ratio = round(statistics.median((one.measured or 0.0) / one.predicted for one in found), 3)
        used = statistics.median(one.measured or 0.0 for one in found) / limit.maximum
        say(f"the {len(found)} best were measured at {used:.1%} of the budget, {ratio:.3f} times the prediction")
        settled = _SHORT <= used <= 1 or abs(ratio / setup.identity.get("latency ratio", 1.0) - 1) < _SAME_RATIO
        if settled or attempt == attempts - 1:
            break
        doubts = [one.warning for one in found if one.warning]
        if doubts:
            say(f"not searched again by that: {doubts[0]}")
            break
        if minutes is not None and (any(one.stopped_by_time for one in outcomes) or minutes - took < took):
            say("not searched again by that: the time of the search does not allow another")
            break
        minutes = None if minutes is None else minutes - took
        say("searching again, by what was measured")
        for restart in range(restarts):
            journal_path(folder, restart).unlink(missing_ok=True)
        keep_ratio(folder, limit.predictor.profile, ratio, [(a, one.predicted, one.measured) for a, one in latencies.items()])
        setup = under_ratio(plain, ratio, say)
        limit = predicted_limit(setup.budget)
        assert limit is not None
    return setup, outcomes, latencies


def first_that_fits(
    setup: SearchSetup, finalists: list[Finalist], latencies: Latencies, outcomes: list[SearchOutcome], say: Say
) -> list[Finalist]:
    """Return the finalists with their latencies, the first of them that fits the budget in front.

    It is measured again, longer, before it is the answer. Where none fits, eight more of the population are looked at; where
    none of them does, the quickest three are measured once more, in case something held them up.

    Args:
        setup: of the search.
        finalists: best first.
        latencies: of all of them.
        outcomes: of the search.
        say: is told where none fits.
    """
    limit = predicted_limit(setup.budget)
    assert limit is not None
    maximum, predict = limit.maximum, limit.predictor.milliseconds

    def spares(known: list[Finalist]) -> list[Finalist]:
        """Return the best of the population that should fit, as far as the finalists tell."""
        found = [finalist.latency for finalist in known if finalist.latency is not None]
        ratio = statistics.median((one.measured or 0.0) / one.predicted for one in found)
        pool = best_distinct(outcomes, len(known) + _LOOKED_THROUGH, setup.proxy)[len(known) :]
        fitting = [one for one in pool if ratio * predict(one.architecture, limit.resolution, limit.num_classes) <= maximum]
        return [Finalist(one.architecture, one.score) for one in fitting[:_SPARES]]

    known = [finalist._replace(latency=latencies[finalist.architecture]) for finalist in finalists]
    if not is_here(limit.predictor.profile):
        return known
    for number in range(len(finalists) + _SPARES):
        if number == len(finalists):
            known += [
                spare._replace(latency=measure_latency_of(limit, spare.architecture, _SECONDS)) for spare in spares(known)
            ]
        if number < len(known) and _measured(known[number]) <= limit.maximum:
            longer = measure_latency_of(limit, known[number].architecture, _CONFIRM_SECONDS)
            known[number] = known[number]._replace(latency=longer)
            if _measured(known[number]) <= limit.maximum:
                return _answer_first(known, number)
    for number in sorted(range(len(known)), key=lambda n: _measured(known[n]))[:_LAST_LOOK]:
        again = known[number]._replace(latency=measure_latency_of(limit, known[number].architecture, _CONFIRM_SECONDS))
        known[number] = min(known[number], again, key=_measured)
        if _measured(known[number]) <= maximum:
            return _answer_first(known, number)
    number = min(range(len(known)), key=lambda n: _measured(known[n]))
    over = _measured(known[number]) / limit.maximum - 1
    if over > 0:
        advice = ": profile the device anew" if over > _OVER - 1 else ""
        say(f"no finalist was measured within the budget; the answer is the quickest, {over:.1%} over{advice}")
    return _answer_first(known, number)


def _answer_first(finalists: list[Finalist], number: int) -> list[Finalist]:
    return [finalists[number], *finalists[:number], *finalists[number + 1 :]]


def _measured(finalist: Finalist) -> float:
    assert finalist.latency is not None
    assert finalist.latency.measured is not None
    return finalist.latency.measured
