"""What comes before a search under a latency that a profile predicts: a start that fits, and a correction by measurements."""

import json
import statistics
from dataclasses import replace
from pathlib import Path
from random import Random

from omegaconf import DictConfig

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.budget import Budget, Limit
from zen_lightning.errors import UserError
from zen_lightning.latency.narrower import narrower
from zen_lightning.latency.predicted_limit import PredictedLatencyLimit
from zen_lightning.latency.profile import Profile
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.evolution import Evolution
from zen_lightning.search.local_pool import LocalPool
from zen_lightning.search.restarts import journal_path
from zen_lightning.search.run import SearchSetup
from zen_lightning.space.super_blocks import SuperBlockSpace
from zen_lightning.system.files import write_json
from zen_lightning.tasks.latency.setup import elsewhere, is_here, warn_of
from zen_lightning.tasks.search.predicted_latency import measure_latency_of, predicted_limit

CALIBRATION = "calibration.json"
_MARGIN = 1.008
_PILOT_SHARE = 20
_PILOT = (2_000, 20_000)
_PILOT_RANKS = (0, 15, 30, 45)
_SECONDS = 1.5


def with_fitting_start(setup: SearchSetup) -> SearchSetup:
    """Return the search with a start that fits its predicted latency: its own, or the widest narrower one of its shape.

    Raises:
        UserError: the narrowest is still too slow.
    """
    limit = predicted_limit(setup.budget)
    start = setup.start
    if limit is None or limit.measure(start) <= limit.maximum or not isinstance(start, Architecture):
        return setup
    if not isinstance(setup.space, SuperBlockSpace):
        return setup  # Such a space has no widths to make narrower; the search says that the start does not fit.
    found = start
    for found in narrower(start, setup.space.is_fixed):
        if setup.budget.violated(found) is None:
            print(
                f"the start is predicted to take {limit.measure(start):.3g} ms, the budget is {limit.maximum:g}: searching "
                f"from a narrower one ({limit.measure(found):.3g} ms)",
                flush=True,
            )
            return replace(setup, start=found, identity={**setup.identity, "start": str(found)})
    limit.predictor.milliseconds(found, limit.resolution, limit.num_classes)  # Raises where the profile does not reach it.
    if limit.measure(found) <= limit.maximum:
        return setup  # Another limit is in the way, and the search says which.
    name = limit.predictor.profile.name
    raise UserError(
        f"budget.latency_ms={limit.maximum:g}: on {name} even the narrowest start of this shape is predicted to take "
        f"{limit.measure(found):.3g} ms; raise the limit, give start= another shape, or use a profile of a larger batch"
    )


def calibrated(config: DictConfig, setup: SearchSetup, folder: Path) -> SearchSetup:
    """Return the search under a limit that knows how predictions and this device differ for the networks it will find.

    A short search comes first, and a few of what it finds are measured: how far predictions are off for networks of one kind is
    much the same for all of them. What was measured is kept in the folder of the run, and read again when it is continued.

    Args:
        config: the composed configuration.
        setup: what to search.
        folder: of the run.
    """
    limit = predicted_limit(setup.budget)
    if limit is None:
        return setup
    profile = limit.predictor.profile
    warn_of(profile)
    ratio = _kept(folder / CALIBRATION, profile.checksum)
    here = is_here(profile)
    if not here:
        print(elsewhere(profile), flush=True)
    if ratio is None:
        # A search that began without a ratio goes on without one, whatever machine it is on now.
        if not here or not config.latency.calibrate or journal_path(folder, 0).exists():
            return setup
        print("calibrating the profile on what a short search finds", flush=True)
        timed = [(a, measure_latency_of(limit, a, _SECONDS)) for a in _pilot(config, setup)]
        for doubt in [one.warning for _, one in timed if one.warning][:1]:
            print(f"while calibrating, {doubt}", flush=True)
        rows = [(a, limit.measure(a), one.measured) for a, one in timed]
        ratio = round(statistics.median((measured or 0.0) / predicted for _, predicted, measured in rows), 3)
        keep_ratio(folder, profile, ratio, rows)
    print(f"measured is {ratio:.3f} times predicted for networks of this kind; the search corrects for this", flush=True)
    return under_ratio(setup, ratio)


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


def under_ratio(setup: SearchSetup, ratio: float) -> SearchSetup:
    """Return the search whose predictions are multiplied by this ratio, and by a margin for what is left of their error."""
    limit = predicted_limit(setup.budget)
    assert limit is not None
    own = PredictedLatencyLimit(limit.maximum, limit.predictor, limit.resolution, limit.num_classes, ratio * _MARGIN)
    limits: list[Limit] = [own if one is limit else one for one in setup.budget.limits]
    identity = {**setup.identity, "latency ratio": ratio}
    return with_fitting_start(replace(setup, budget=Budget(limits, setup.budget.shapes), identity=identity))


def _pilot(config: DictConfig, setup: SearchSetup) -> list[BaseArchitecture]:
    """Return a few of what a short search finds; under the closed form where the search's own proxy takes its time."""
    proxy = setup.proxy if setup.proxy.cheap else ZenClosedForm(config.resolution)
    least, most = _PILOT
    arguments = setup.arguments(0, LocalPool([proxy], setup.seed))
    evolution = Evolution(**{**arguments, "proxy": proxy, "in_flight": 1, "rng": Random(f"{setup.seed}/pilot")})
    evolution.advance(min(most, max(least, setup.iterations // _PILOT_SHARE)))
    evolution.require_members()
    ranked = evolution.population.ranked(max(_PILOT_RANKS) + 1)
    architectures = list(dict.fromkeys(member.architecture for member in ranked))
    return [architectures[rank] for rank in _PILOT_RANKS if rank < len(architectures)]


def _kept(path: Path, checksum: str) -> float | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return float(found["ratio"]) if found["checksum"] == checksum else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
