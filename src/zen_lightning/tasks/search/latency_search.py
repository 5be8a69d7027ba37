"""Searches under a predicted latency whose answer is measured: what they find is timed, and searched anew where it is off."""

import statistics
from collections.abc import Callable
from pathlib import Path

from omegaconf import DictConfig

from zen_lightning.arch import BaseArchitecture
from zen_lightning.search.restarts import journal_path
from zen_lightning.search.run import SearchOutcome, SearchSetup
from zen_lightning.tasks.latency.setup import is_here
from zen_lightning.tasks.search.calibration import calibrated, keep_ratio, under_ratio
from zen_lightning.tasks.search.finalists import Finalist, best_distinct
from zen_lightning.tasks.search.predicted_latency import (
    NetworkLatency,
    measure_latency_of,
    predict_latency_of,
    predicted_limit,
)

_SECONDS = 1.5
_CONFIRM_SECONDS = 3.0
_ATTEMPTS = 3
_SHORT = 0.95
_OVER = 1.02
_SAME_RATIO = 0.01
_SPARES = 8
_LAST_LOOK = 3
_LOOKED_THROUGH = 500

Latencies = dict[BaseArchitecture, NetworkLatency]


def search_within(
    config: DictConfig, setup: SearchSetup, folder: Path, search: Callable[[SearchSetup], list[SearchOutcome]]
) -> tuple[SearchSetup, list[SearchOutcome], Latencies]:
    """Search, measure the best, and search anew where they miss the budget by more than 5%: twice at most.

    Where the profile is of another device, the latencies are predicted, and there is one search.

    Args:
        config: the composed configuration.
        setup: what to search.
        folder: of the run.
        search: runs all restarts.

    Returns:
        the last search: its setup, what it found, and the latencies of its best.
    """
    plain, setup = setup, calibrated(config, setup, folder)
    limit = predicted_limit(setup.budget)
    assert limit is not None
    here = is_here(limit.predictor.profile)
    finished = (folder / "result.json").exists()  # What is there is not thrown away for a measurement of today.
    attempts = _ATTEMPTS if here and config.latency.calibrate and setup.proxy.cheap and not finished else 1
    for attempt in range(attempts):
        outcomes = search(setup)
        candidates = best_distinct(outcomes, max(1, config.search.finalists), setup.proxy)
        latencies: Latencies = {}
        for candidate in candidates:
            if here:
                latencies[candidate.architecture] = measure_latency_of(limit, candidate.architecture, _SECONDS)
            else:
                latencies[candidate.architecture] = predict_latency_of(limit, candidate.architecture)
        if not here:
            break
        found = list(latencies.values())
        ratio = round(statistics.median((one.measured or 0.0) / one.predicted for one in found), 3)
        used = statistics.median(one.measured or 0.0 for one in found) / limit.maximum
        print(f"the {len(found)} best were measured at {used:.1%} of the budget, {ratio:.3f} times predicted", flush=True)
        settled = _SHORT <= used <= 1 or abs(ratio / setup.identity.get("latency ratio", 1.0) - 1) < _SAME_RATIO
        if settled or attempt == attempts - 1:
            break
        doubts = [one.warning for one in found if one.warning]
        if doubts:
            print(f"not searched again by that: {doubts[0]}", flush=True)
            break
        print("searching again, by what was measured", flush=True)
        for restart in range(config.search.restarts):
            journal_path(folder, restart).unlink(missing_ok=True)
        keep_ratio(folder, limit.predictor.profile, ratio, [(a, one.predicted, one.measured) for a, one in latencies.items()])
        setup = under_ratio(plain, ratio)
        limit = predicted_limit(setup.budget)
        assert limit is not None
    return setup, outcomes, latencies


def first_that_fits(
    setup: SearchSetup, finalists: list[Finalist], latencies: Latencies, outcomes: list[SearchOutcome]
) -> list[Finalist]:
    """Return the finalists with their latencies, the first of them that fits the budget in front.

    It is measured again, longer, before it is the answer. Where none fits, eight more of the population are looked at; where
    none of them does, the quickest three are measured once more, in case something held them up.

    Args:
        setup: of the search.
        finalists: best first.
        latencies: of all of them.
        outcomes: of the search.
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
        print(f"no finalist was measured within the budget; the answer is the quickest, {over:.1%} over{advice}", flush=True)
    return _answer_first(known, number)


def _answer_first(finalists: list[Finalist], number: int) -> list[Finalist]:
    return [finalists[number], *finalists[:number], *finalists[number + 1 :]]


def _measured(finalist: Finalist) -> float:
    assert finalist.latency is not None
    assert finalist.latency.measured is not None
    return finalist.latency.measured
