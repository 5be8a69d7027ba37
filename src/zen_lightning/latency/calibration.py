"""What comes before a search under a latency that a profile predicts: a start that fits, and a correction by measurements."""

import statistics
from dataclasses import replace
from pathlib import Path
from random import Random

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget, Limit
from zen_lightning.errors import UserError
from zen_lightning.latency.at_hand import elsewhere, is_here, warnings_of
from zen_lightning.latency.network_latency import measure_latency_of, predicted_limit
from zen_lightning.latency.predicted_limit import PredictedLatencyLimit
from zen_lightning.latency.profile import Profile
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.events import Say
from zen_lightning.search.evolution import Evolution
from zen_lightning.search.local_pool import LocalPool
from zen_lightning.search.restarts import journal_path
from zen_lightning.search.run import SearchSetup
from zen_lightning.search.thinning import BudgetTooSmallError, thinned_start
from zen_lightning.system.json_files import read_json, write_json
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.schema import TEXT, Number, Record

CALIBRATION = "calibration.json"
"""What was measured, in the folder of a run."""

_CONTENT = Record({"ratio": Number(1e-6, 1e6), "checksum": TEXT}, required=("ratio", "checksum"))

_MARGIN = 1.008
"""By this predictions are raised beyond the ratio, for what is left of their error. A choice."""

_PILOT_SHARE = 20
_PILOT = (2_000, 20_000)
"""The short search has this part of the iterations, within these bounds. A choice: a second or two by the closed form."""

_PILOT_RANKS = (0, 15, 30, 45)
"""Of its population, best first, these are measured. A choice: near the best, and not all alike."""

_SECONDS = 1.5
"""That each is measured for. A choice, between a quick start and a spread below a percent."""


def with_fitting_start(setup: SearchSetup, say: Say) -> SearchSetup:
    """Return the search with a start that fits its predicted latency, and all other limits: its own, or a smaller one.

    Args:
        setup: what to search; without a predicted latency it is returned as it is.
        say: is told of another start.

    Raises:
        UserError: the smallest is still too slow.
    """
    if predicted_limit(setup.budget) is None:
        return setup
    try:
        found = thinned_start(setup.space, setup.budget, setup.start, say)
    except BudgetTooSmallError as error:
        raise explained(setup.budget, error) from error
    if found is setup.start:
        return setup
    asked = setup.asked_start or setup.start
    return replace(setup, start=found, asked_start=asked, identity={**setup.identity, "start": str(found)})


def explained(budget: Budget, error: BudgetTooSmallError) -> UserError:
    """Return what to say of a budget that no network fits: of its predicted latency, where that is what is too low."""
    limit = predicted_limit(budget)
    if limit is None:
        return error
    smallest = error.smallest
    limit.predictor.milliseconds(smallest, limit.resolution, limit.num_classes)  # Raises where the profile does not reach it.
    if limit.measure(smallest) <= limit.maximum:
        return error
    name = limit.predictor.profile.name
    return UserError(
        f"on {name} even the narrowest start of this shape is predicted to take {limit.measure(smallest):.3g} ms",
        key="latency_ms",
        value=f"{limit.maximum:g}",
        remedy="raise the limit, give {start} another shape, or use a profile of a larger batch",
        involves=["start"],
    )


def calibrated(setup: SearchSetup, resolution: int, folder: Path, calibrate: bool, say: Say) -> SearchSetup:
    """Return the search under a limit that knows how predictions and this device differ for the networks it will find.

    A short search comes first, and a few of what it finds are measured: how far predictions are off for networks of one kind is
    much the same for all of them. What was measured is kept in the folder of the run, and read again when it is continued.

    Args:
        setup: what to search.
        resolution: height and width of the images.
        folder: of the run.
        calibrate: whether to measure; what was measured before is used anyway.
        say: is told what is done.
    """
    limit = predicted_limit(setup.budget)
    if limit is None:
        return setup
    profile = limit.predictor.profile
    for warning in warnings_of(profile):
        say(warning)
    ratio = _kept(folder / CALIBRATION, profile.checksum)
    here = is_here(profile)
    if not here:
        say(elsewhere(profile))
    if ratio is None:
        # A search that began without a ratio goes on without one, whatever machine it is on now.
        if not here or not calibrate or journal_path(folder, 0).exists():
            return setup
        say("calibrating the profile on what a short search finds")
        timed = [(a, measure_latency_of(limit, a, _SECONDS)) for a in _pilot(setup, resolution)]
        for doubt in [one.warning for _, one in timed if one.warning][:1]:
            say(f"while calibrating, {doubt}")
        rows = [(a, limit.measure(a), one.measured) for a, one in timed]
        ratio = round(statistics.median((measured or 0.0) / predicted for _, predicted, measured in rows), 3)
        keep_ratio(folder, profile, ratio, rows)
    say(f"measured latency is {ratio:.3f} times the predicted one for networks of this kind; the search corrects for this")
    return under_ratio(setup, ratio, say)


def keep_ratio(
    folder: Path, profile: Profile, ratio: float, networks: list[tuple[BaseArchitecture, float, float | None]]
) -> None:
    """Write what a search under this ratio needs to be continued.

    Args:
        folder: of the run.
        profile: that predicts.
        ratio: of measured and predicted latency.
        networks: that it was taken on, with predicted and measured milliseconds.
    """
    rows = [{"structure": str(a), "predicted": predicted, "measured": measured} for a, predicted, measured in networks]
    content = {"profile": profile.name, "checksum": profile.checksum, "ratio": ratio, "networks": rows}
    write_json(folder / CALIBRATION, content)


def under_ratio(setup: SearchSetup, ratio: float, say: Say) -> SearchSetup:
    """Return the search whose predictions are multiplied by this ratio, and by a margin for what is left of their error."""
    limit = predicted_limit(setup.budget)
    assert limit is not None
    own = PredictedLatencyLimit(limit.maximum, limit.predictor, limit.resolution, limit.num_classes, ratio * _MARGIN)
    limits: list[Limit] = [own if one is limit else one for one in setup.budget.limits]
    identity = {**setup.identity, "latency ratio": ratio}
    return with_fitting_start(replace(setup, budget=Budget(limits, setup.budget.shapes), identity=identity), say)


def _pilot(setup: SearchSetup, resolution: int) -> list[BaseArchitecture]:
    """Return a few of what a short search finds; under the closed form where the search's own proxy takes its time."""
    proxy = setup.proxy if setup.proxy.cheap else ZenClosedForm(resolution)
    least, most = _PILOT
    arguments = setup.arguments(0, LocalPool([proxy], setup.seed))
    evolution = Evolution(**{**arguments, "proxy": proxy, "in_flight": 1, "rng": Random(f"{setup.seed}/pilot")})
    evolution.advance(min(most, max(least, setup.iterations // _PILOT_SHARE)))
    evolution.require_members()
    ranked = evolution.population.ranked(max(_PILOT_RANKS) + 1)
    architectures = list(dict.fromkeys(member.architecture for member in ranked))
    return [architectures[rank] for rank in _PILOT_RANKS if rank < len(architectures)]


def _kept(path: Path, checksum: str) -> float | None:
    if not holds_file(path):
        return None
    found = read_json(path, "start the search again in another folder", _CONTENT).content
    return float(found["ratio"]) if found["checksum"] == checksum else None
