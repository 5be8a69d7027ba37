"""Sums and counts from which the metrics of a run are computed."""

import pytest
import torch
from torchmetrics.functional.classification import multiclass_accuracy

from zen_lightning.training.tallies import Mean, TopCorrect


def test_a_mean_weighs_batches_by_their_images() -> None:
    mean = Mean()
    mean.update(torch.tensor(1.0), 128)
    mean.update(torch.tensor(3.0), 1)
    assert float(mean.compute()) == pytest.approx(131 / 129, abs=1e-12)


def test_many_small_numbers_are_not_lost() -> None:
    mean = Mean()
    for _ in range(20_000):
        mean.update(torch.tensor(0.1), 100)
    assert float(mean.compute()) == pytest.approx(float(torch.tensor(0.1)), abs=1e-12)


def test_totals_travel_through_a_checkpoint() -> None:
    one, two = Mean(), Mean()
    one.update(torch.tensor(2.5), 3)
    two.restore(one.totals())
    for mean in (one, two):
        mean.update(torch.tensor(0.5), 5)
    assert float(one.compute()) == float(two.compute()) == pytest.approx((2.5 * 3 + 0.5 * 5) / 8)


def test_the_format_of_states_does_not_follow_that_of_the_module() -> None:
    module = torch.nn.ModuleList([Mean(), TopCorrect(10)]).to(torch.bfloat16).half()
    mean, correct = module
    assert isinstance(mean, Mean)
    assert isinstance(correct, TopCorrect)
    assert mean.total.dtype == torch.float64
    assert correct.correct.dtype == torch.int64
    mean.update(torch.tensor(1.0 / 3), 3)
    assert float(mean.compute()) == pytest.approx(1 / 3, abs=1e-7)


@pytest.mark.parametrize("classes", [2, 5, 10])
def test_top_1_and_top_5_are_those_of_torchmetrics(classes: int) -> None:
    correct = TopCorrect(classes)
    logits, labels = torch.randn(100, classes), torch.randint(classes, (100,))
    for begin, end in ((0, 64), (64, 99), (99, 100)):
        correct.update(logits[begin:end], labels[begin:end])
    wanted = [multiclass_accuracy(logits, labels, classes, "micro", top_k=top) for top in (1, min(5, classes))]
    assert correct.compute().tolist() == pytest.approx([float(value) for value in wanted], abs=1e-6)
    assert classes > 5 or float(correct.compute()[1]) == 1.0


def test_a_network_without_an_opinion_is_not_always_right() -> None:
    correct = TopCorrect(10)
    correct.update(torch.zeros(1000, 10), torch.arange(1000) % 10)
    assert float(correct.compute()[0]) == pytest.approx(0.1)
