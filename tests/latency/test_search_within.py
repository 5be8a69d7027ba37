"""Searches that are repeated where predictions were off: how they share a limit on time."""

from collections import Counter
from pathlib import Path

import pytest

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.budget import Budget
from zen_lightning.budget.network_latency import NetworkLatency
from zen_lightning.latency.predicted_limit import PredictedLatencyLimit
from zen_lightning.latency.predictor import LatencyPredictor
from zen_lightning.latency.profile import find_profile
from zen_lightning.latency.search_within import search_within
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.run import Candidate, SearchOutcome, SearchSetup
from zen_lightning.space import search_space

START = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,16,1,1)")
NOT_AGAIN = "not searched again by that: the time of the search does not allow another"


@pytest.mark.parametrize(
    ("took", "minutes", "stopped", "given"),
    [
        (60, None, False, [None, None, None]),
        (60, 10, False, [10, 9, 8]),
        (120, 5, False, [5, 3]),
        (240, 5, False, [5]),
        (60, 10, True, [10]),
    ],
)
def test_repeated_searches_have_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    took: float,
    minutes: float | None,
    stopped: bool,
    given: list[float | None],
) -> None:
    limit = PredictedLatencyLimit(1.0, LatencyPredictor(find_profile("v100-tensorrt-fp16")), 32, 10)
    setup = SearchSetup(search_space("resnet"), ZenClosedForm(32), Budget([limit]), START)
    ratios = iter((0.5, 0.4, 0.3))
    asked: list[float | None] = []

    def search(setup: SearchSetup, minutes: float | None) -> list[SearchOutcome]:
        asked.append(minutes)
        found = [Candidate(1.0, START)]
        return [SearchOutcome(0, found, [], [], 9, 9, Counter(), seconds=took, stopped_by_time=stopped)]

    def measure(limit: PredictedLatencyLimit, network: BaseArchitecture, seconds: float) -> NetworkLatency:
        predicted = limit.measure(network)
        return NetworkLatency(predicted, 0.0, measured=next(ratios) * predicted)

    monkeypatch.setattr("zen_lightning.latency.search_within.is_here", lambda profile: True)
    monkeypatch.setattr("zen_lightning.latency.search_within.calibrated", lambda setup, *others: setup)
    monkeypatch.setattr("zen_lightning.latency.search_within.measure_latency_of", measure)
    said: list[str] = []
    search_within(setup, 32, 1, 1, tmp_path, True, search, said.append, minutes)
    assert asked == given
    assert (NOT_AGAIN in said) == (len(given) < 3)
