"""Partial rank correlation."""

from random import Random

import pytest

from zen_lightning.correlate.partial import partial_spearman
from zen_lightning.correlate.rank_correlation import rank_correlation


def test_what_only_follows_the_cost_says_nothing_beyond_it() -> None:
    random = Random(0)
    cost = [random.uniform(1, 2) for _ in range(400)]
    score = [value + random.gauss(0, 0.1) for value in cost]
    accuracy = [value + random.gauss(0, 0.1) for value in cost]
    whole = rank_correlation(score, accuracy, 0).spearman
    found = partial_spearman(score, accuracy, [cost], resamples=200)
    assert whole is not None
    assert whole.value > 0.8
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high


def test_with_nothing_that_varies_it_is_the_plain_correlation() -> None:
    random = Random(1)
    score = [random.random() for _ in range(50)]
    accuracy = [value + random.random() for value in score]
    whole = rank_correlation(score, accuracy, 100, seed=4).spearman
    assert partial_spearman(score, accuracy, [[5.0] * 50], resamples=100, seed=4) == pytest.approx(whole)


def test_a_cost_given_twice_counts_once() -> None:
    random = Random(2)
    cost = [random.random() for _ in range(50)]
    score, accuracy = [value + random.random() for value in cost], [value + random.random() for value in cost]
    once = partial_spearman(score, accuracy, [cost], resamples=0)
    assert partial_spearman(score, accuracy, [cost, cost], resamples=0) == pytest.approx(once)


def test_constant_sides_have_none() -> None:
    assert partial_spearman([1.0] * 9, [float(i) for i in range(9)], [[1.0, 2.0, 3.0] * 3], resamples=0) is None
    assert partial_spearman([1.0, 2.0, 3.0], [1.0, 2.0, 4.0], [[3.0, 1.0, 2.0]], resamples=0) is None


def test_a_score_that_is_the_cost_has_nothing_left() -> None:
    random = Random(5)
    cost = [random.random() for _ in range(60)]
    accuracy = [value + random.random() for value in cost]
    assert partial_spearman([2 * value + 1 for value in cost], accuracy, [cost], resamples=20) is None
