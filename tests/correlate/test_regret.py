"""What a budget loses by trusting a score."""

import pytest

from zen_lightning.correlate.regret import regret

ACCURACIES = [70.0 + i for i in range(20)]
COSTS = [90.0] * 20


def test_a_perfect_score_loses_nothing_and_the_worst_loses_most() -> None:
    perfect = regret(ACCURACIES, ACCURACIES, COSTS, "flops", 100, best=2, resamples=50)
    worst = regret([-value for value in ACCURACIES], ACCURACIES, COSTS, "flops", 100, best=2, resamples=0)
    assert perfect is not None
    assert worst is not None
    assert (perfect.reached, perfect.regret, perfect.share) == (88.5, 0, (1, 1, 1))
    assert (worst.reached, worst.regret, worst.mean) == (70.5, 18, 79.5)
    assert worst.share is not None
    assert worst.share.value == pytest.approx(-1)


def test_only_networks_that_nearly_use_the_budget_count() -> None:
    costs = [84.9, 85.0, 100.0, 100.1, *[50.0] * 16]
    found = regret(ACCURACIES, ACCURACIES, costs, "flops", 100, best=1, resamples=0)
    assert found is not None
    assert (found.networks, found.possible) == (2, 72.0)


def test_equal_scores_are_drawn_from_not_taken_in_the_order_of_the_file() -> None:
    shares = set()
    for seed in range(8):
        found = regret([0.0] * 20, ACCURACIES, COSTS, "flops", 100, best=1, resamples=0, seed=seed)
        assert found is not None
        shares.add(found.reached)
    assert len(shares) > 1


def test_too_few_networks_have_no_regret() -> None:
    assert regret(ACCURACIES, ACCURACIES, COSTS, "flops", 100, best=11, resamples=0) is None
    assert regret(ACCURACIES, ACCURACIES, COSTS, "flops", 50, best=1, resamples=0) is None


def test_networks_that_are_all_alike_have_no_share() -> None:
    found = regret(ACCURACIES, [70.0] * 20, COSTS, "flops", 100, best=2, resamples=10)
    assert found is not None
    assert found.share is None
