"""Correlation at equal cost, against a plain double loop."""

import math
from itertools import combinations
from random import Random

import pytest

from zen_lightning.correlate import banded_kendall as module
from zen_lightning.correlate.banded_kendall import banded_kendall
from zen_lightning.correlate.bands import Band
from zen_lightning.correlate.rank_correlation import rank_correlation
from zen_lightning.errors import UserError

FLOPS = Band.of({"flops": "10%"})
BOTH = Band.of({"flops": "20%", "layers": 1})


def by_hand(x: list[float], y: list[float], near: list[tuple[int, int]]) -> float:
    signs = [(math.copysign(1, x[i] - x[j]) * (x[i] != x[j]), math.copysign(1, y[i] - y[j]) * (y[i] != y[j])) for i, j in near]
    agreement = sum(a * b for a, b in signs)
    return agreement / math.sqrt(sum(a * a for a, _ in signs) * sum(b * b for _, b in signs))


def networks(size: int, seed: int = 0) -> tuple[list[float], list[float], list[float], list[float]]:
    random = Random(seed)
    flops = [random.uniform(100, 200) for _ in range(size)]
    layers = [float(random.randint(5, 9)) for _ in range(size)]
    x = [float(random.randint(0, 20)) for _ in range(size)]  # With ties.
    y = [value + random.gauss(0, 8) for value in x]
    return x, y, flops, layers


@pytest.mark.parametrize("cells", [1, 50, 10**6])
def test_equals_a_double_loop_whatever_the_chunks(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(module, "CELLS", cells)
    x, y, flops, layers = networks(60)
    for band, costs in ((FLOPS, [flops]), (BOTH, [flops, layers])):
        reach = 1.1 if band is FLOPS else 1.2
        near = [
            (i, j)
            for i, j in combinations(range(60), 2)
            if max(flops[i], flops[j]) <= reach * min(flops[i], flops[j]) and (band is FLOPS or abs(layers[i] - layers[j]) <= 1)
        ]
        found = banded_kendall(x, y, band, costs, resamples=0)
        assert found.pairs == len(near)
        assert found.kendall is not None
        assert found.kendall.value == pytest.approx(by_hand(x, y, near), abs=1e-12)


def test_a_band_around_everything_is_the_whole_correlation_with_the_same_interval() -> None:
    x, y, flops, _ = networks(40)
    wide = banded_kendall(x, y, Band.of({"flops": 1e9}), [flops], resamples=200, seed=3)
    whole = rank_correlation(x, y, 200, seed=3)
    assert wide.pairs == 40 * 39 // 2
    assert wide.kendall == pytest.approx(whole.kendall)


def test_no_pairs_no_correlation() -> None:
    assert banded_kendall([1.0, 2.0], [1.0, 2.0], FLOPS, [[1.0, 2.0]], resamples=9).kendall is None
    assert banded_kendall([1.0, 1.0], [1.0, 2.0], FLOPS, [[1.0, 1.0]], resamples=9).kendall is None


def test_the_edge_of_a_band_belongs_to_it() -> None:
    assert banded_kendall([1.0, 2.0], [1.0, 2.0], FLOPS, [[100.0, 110.0]], resamples=0).pairs == 1
    assert banded_kendall([1.0, 2.0], [1.0, 2.0], Band.of({"layers": 2}), [[5.0, 7.0]], resamples=0).pairs == 1


@pytest.mark.parametrize("text", ["ten", -1, "-5%", None, True, math.inf, math.nan])
def test_what_is_no_width_is_said(text: object) -> None:
    with pytest.raises(UserError, match=r"flops=.*: expected a share such as 10%, or a difference of 0 or more"):
        Band.of({"flops": text})
