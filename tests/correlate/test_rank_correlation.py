"""Rank correlations against others' and against a bootstrap by hand."""

from random import Random

import pytest
import torch
from torchmetrics.functional import kendall_rank_corrcoef, spearman_corrcoef

from zen_lightning.correlate import rank_correlation as module
from zen_lightning.correlate.rank_correlation import RankCorrelation, rank_correlation


def lists(size: int, seed: int, digits: int) -> tuple[list[float], list[float]]:
    """Two related lists; few digits give many ties."""
    rng = Random(seed)
    x = [rng.gauss(0, 1) for _ in range(size)]
    return [round(value, digits) for value in x], [round(value + rng.gauss(0, 1), digits) for value in x]


def values(found: RankCorrelation) -> tuple[float, float]:
    assert found.kendall is not None
    assert found.spearman is not None
    return found.kendall.value, found.spearman.value


@pytest.mark.parametrize("digits", [9, 1, 0], ids=["no ties", "some ties", "many ties"])
@pytest.mark.parametrize("size", [3, 10, 400])
def test_agrees_with_torchmetrics(size: int, digits: int) -> None:
    x, y = lists(size, 7, digits)
    kendall, spearman = values(rank_correlation(x, y, resamples=0))
    tensors = torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
    assert kendall == pytest.approx(float(kendall_rank_corrcoef(*tensors, variant="b")), abs=1e-6)
    assert spearman == pytest.approx(float(spearman_corrcoef(*tensors)), abs=1e-5)  # It adds 1e-6 to what it divides by.


def test_agrees_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for digits in (9, 1, 0):
        x, y = lists(500, 3, digits)
        kendall, spearman = values(rank_correlation(x, y, resamples=0))
        assert kendall == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)
        assert spearman == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)


@pytest.mark.parametrize("digits", [9, 0], ids=["no ties", "many ties"])
def test_a_resample_by_counts_is_the_resample_itself(digits: int) -> None:
    x, y = lists(12, 5, digits)
    counts = list(module.resampled_counts(12, 300, seed=4))
    assert [len(chunk) for chunk in counts] == [1, 300]
    levels = module.levels_of(x), module.levels_of(y)
    fast = module._kendall(*levels, counts[1]), module._spearman(*levels, counts[1])
    for row, kendall, spearman in zip(counts[1].int().tolist(), *(part.tolist() for part in fast), strict=True):
        assert sum(row) == 12
        drawn = [index for index, count in enumerate(row) for _ in range(count)]
        again = values(rank_correlation([x[i] for i in drawn], [y[i] for i in drawn], resamples=0))
        assert (kendall, spearman) == pytest.approx(again, abs=1e-12)


def test_the_interval_is_that_of_a_bootstrap_by_hand() -> None:
    stats = pytest.importorskip("scipy.stats")
    x, y = lists(30, 1, 1)
    found = rank_correlation(x, y, resamples=4000, level=0.9, seed=2)
    rng = Random(9)
    slow: list[list[float]] = [[], []]
    for _ in range(1500):
        drawn = [rng.randrange(30) for _ in range(30)]
        left, right = [x[i] for i in drawn], [y[i] for i in drawn]
        slow[0].append(stats.kendalltau(left, right).statistic)
        slow[1].append(stats.spearmanr(left, right).statistic)
    for estimate, by_hand in zip((found.kendall, found.spearman), slow, strict=True):
        assert estimate is not None
        by_hand.sort()
        assert estimate.low == pytest.approx(by_hand[75], abs=0.04)
        assert estimate.high == pytest.approx(by_hand[1425], abs=0.04)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = lists(40, 2, 1)
    whole = rank_correlation(x, y, resamples=50, seed=3)
    monkeypatch.setattr(module, "CELLS", 40 * 7)
    torch.testing.assert_close(values(rank_correlation(x, y, resamples=50, seed=3)), values(whole))
    counts = torch.cat(list(module.resampled_counts(40, 50, seed=3)))
    one = module._kendall(module.levels_of(x), module.levels_of(y), counts)
    monkeypatch.setattr(module, "CELLS", 2**22)
    assert torch.equal(one, module._kendall(module.levels_of(x), module.levels_of(y), counts))


def test_seeds() -> None:
    x, y = lists(20, 6, 2)
    before = torch.get_rng_state()
    assert rank_correlation(x, y, seed=1) == rank_correlation(x, y, seed=1) != rank_correlation(x, y, seed=2)
    rank_correlation(x, y, seed=-(2**70))
    assert torch.equal(torch.get_rng_state(), before)


def test_only_ranks_matter() -> None:
    x, y = lists(20, 8, 9)
    stretched = [1e300 * value**3 for value in x]
    assert rank_correlation(x, y) == rank_correlation(stretched, y)
    assert values(rank_correlation(x, [-value for value in y], resamples=0)) == pytest.approx(
        tuple(-value for value in values(rank_correlation(x, y, resamples=0)))
    )


@pytest.mark.parametrize(
    ("x", "y"), [([1.0] * 5, [1.0, 2, 3, 4, 5]), ([1.0, 2, 3, 4, 5], [2.0] * 5), ([1.0, 2], [1.0, 2]), ([], [])]
)
def test_what_has_no_correlation(x: list[float], y: list[float]) -> None:
    assert rank_correlation(x, y) == RankCorrelation(len(x), None, None)


def test_resamples_without_a_correlation_are_left_out() -> None:
    found = rank_correlation([0.0, 0.0, 0.0, 1.0], [1.0, 2.0, 3.0, 4.0], resamples=500)
    assert found.kendall is not None
    assert found.kendall.low is not None
    assert -1 <= found.kendall.low <= found.kendall.value <= (found.kendall.high or 0) <= 1


def test_without_a_bootstrap_there_is_no_interval() -> None:
    found = rank_correlation([1.0, 2.0, 3.0], [1.0, 3.0, 2.0], resamples=0)
    assert str(found.kendall) == "0.333"
    assert found.spearman == (0.5, None, None)
