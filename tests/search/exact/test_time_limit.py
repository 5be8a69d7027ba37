"""An exact search that is stopped at any moment: what it says of all networks holds."""

import itertools
import math

import pytest

from brute_force import MOBILENET, RESNET, narrowed, networks, small
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit, ParamsLimit
from zen_lightning.proxy.base import Proxy
from zen_lightning.proxy.deepmad import DeepMad
from zen_lightning.proxy.zen_calibrated import ZenCalibrated
from zen_lightning.search.exact.front import Line, bound_at, limits_below, solve_front
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.solve import solve
from zen_lightning.search.run import SearchSetup
from zen_lightning.search.time_limit import TimeIsUpError, time_limit

CLOCK = "zen_lightning.search.time_limit.monotonic"
NAMES = ("SuperResK3K3", "SuperResK1K5K1")


def counting(monkeypatch: pytest.MonkeyPatch) -> "itertools.count[int]":
    """Let the clock advance by a second whenever it is read."""
    clock = itertools.count()
    monkeypatch.setattr(CLOCK, lambda: float(next(clock)))
    return clock


@pytest.mark.parametrize(
    "proxy", [None, ZenCalibrated(32, "imagenet"), DeepMad(32, (1, 2, 8), None)], ids=["zen", "zen_calibrated", "deepmad"]
)
def test_bounds_hold_whenever_it_ends(monkeypatch: pytest.MonkeyPatch, proxy: Proxy | None) -> None:
    setup = small("resnet", RESNET, [LayersLimit(5), ParamsLimit(9_000, 10)], proxy=proxy)
    request = narrowed(setup, NAMES)
    fitting = [net for net in networks(request.chain, (8, 16)) if setup.budget.violated(net) is None]
    best = max(setup.proxy.score(net).value for net in fitting)
    clock = counting(monkeypatch)
    with time_limit(1e9):
        whole = solve(request.chain, request.costs, request.score, 3, widest=16)
    seconds = next(clock)
    assert (whole.finished, whole.networks[0].score) == (True, pytest.approx(best, abs=1e-8))
    ended = []
    for after in range(1, seconds, max(1, seconds // 23)):
        try:
            with time_limit(after):
                found = solve(request.chain, request.costs, request.score, 3, widest=16)
        except TimeIsUpError:
            ended.append("no network")
            continue
        ended.append("a network" if found.bound == math.inf else "a bound")
        assert not found.finished
        assert best <= max(found.bound, found.networks[0].score) + 1e-9
        for network in found.networks:
            assert setup.budget.violated(network.architecture) is None
            assert network.score == pytest.approx(setup.proxy.score(network.architecture).value, abs=1e-8)
        if found.bound < math.inf:
            # What prices say of cheaper networks.
            beyond = max(value - price * 3_000 for value, (price,) in found.priced)
            cheaper = [setup.proxy.score(net).value for net in fitting if net.num_params(10) <= 6_000]
            assert max(cheaper) <= beyond + 1e-9
    assert ended == sorted(ended, key=["no network", "a network", "a bound"].index)
    assert {"no network", "a bound"} <= set(ended)


def _front(setup: SearchSetup, seconds: float | None) -> tuple[list[Line], bool]:
    limits = [limit for limit in setup.budget.limits if isinstance(limit, FlopsLimit)]
    return solve_front(setup, limits, limits_below(limits[0].maximum, 3), 32, 1, lambda line: None, seconds)


def test_a_front_is_of_what_was_solved_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(4), FlopsLimit(400_000, 32, 10)])
    clock = counting(monkeypatch)
    whole, in_time = _front(setup, 1e9)
    assert in_time
    seconds = next(clock)
    kinds = set()
    for share in (0.02, 0.3, 0.6, 0.9):
        try:
            lines, in_time = _front(setup, share * seconds)
        except TimeIsUpError:
            kinds.add("nothing")
            continue
        assert not in_time
        kinds.add("some")
        for line in whole:
            costs = line.limits
            assert bound_at(lines, costs) >= line.networks[0].score - 1e-9
        for line in lines:
            assert Budget(setup.budget.limits).violated(line.networks[0].architecture) is None
    assert kinds == {"nothing", "some"}


def test_the_whole_space_is_left_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(4), FlopsLimit(400_000, 32, 10)])
    request = request_of(setup, 32)
    with pytest.raises(TimeIsUpError), time_limit(0):
        solve(request.chain, request.costs, request.score)
