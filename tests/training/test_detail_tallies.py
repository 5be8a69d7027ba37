"""Counts of each class and of each confidence are those of torchmetrics."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import multiclass_calibration_error, multiclass_confusion_matrix

from zen_lightning.training.detail_tallies import Calibration, Confusion, DetailTallies
from zen_lightning.training.validation_details import BINS


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_the_details_are_those_of_torchmetrics(classes: int) -> None:
    generator = torch.Generator().manual_seed(classes)
    logits = 3 * torch.randn(300, classes, generator=generator)
    labels = torch.randint(classes, (300,), generator=generator)
    tallies = DetailTallies(classes)
    for begin, end in ((0, 128), (128, 299), (299, 300)):
        tallies.update(logits[begin:end], labels[begin:end])
    found = tallies.finish()
    assert np.array_equal(found.confusion, multiclass_confusion_matrix(logits, labels, classes).numpy())
    wanted = multiclass_calibration_error(logits, labels, classes, n_bins=BINS)
    assert found.calibration_error == pytest.approx(100 * float(wanted), abs=1e-4)
    assert found.images == 300 == sum(one.images for one in found.bins)


def test_it_begins_anew_after_each_validation() -> None:
    tallies = DetailTallies(2)
    for _ in range(2):
        tallies.update(torch.tensor([[1.0, 0.0]]), torch.tensor([0]))
        assert tallies.finish().confusion.tolist() == [[1, 0], [0, 0]]


def test_the_format_of_states_does_not_follow_that_of_the_module() -> None:
    tallies = DetailTallies(3).half()
    assert tallies.confusion.counts.dtype == torch.int32
    assert tallies.calibration.sums.dtype == torch.float64
    tallies.update(torch.randn(5, 3).half(), torch.tensor([0, 1, 2, 0, 1]))
    assert tallies.finish().images == 5


def test_processes_add_up() -> None:
    logits, labels = torch.randn(60, 4), torch.randint(4, (60,))
    whole, parts = DetailTallies(4), [DetailTallies(4), DetailTallies(4)]
    whole.update(logits, labels)
    for rank, part in enumerate(parts):
        part.update(logits[rank::2], labels[rank::2])
    # What torchmetrics does between processes is stated by the reduction of each state.
    assert {state: reduce(torch.ones(2, 1)).item() for state, reduce in Confusion(1)._reductions.items()} == {"counts": 2}
    assert {state: reduce(torch.ones(2, 1)).item() for state, reduce in Calibration()._reductions.items()} == {"sums": 2}
    added = sum(part.confusion.counts for part in parts)
    assert torch.equal(added, whole.confusion.counts)


def test_a_sure_and_an_unsure_network_lie_in_the_outer_bins() -> None:
    calibration = Calibration()
    calibration.update(torch.tensor([[200.0, 0.0], [-200.0, 0.0]]), torch.tensor([0, 0]))
    assert calibration.compute()[-1].tolist() == pytest.approx([2, 2, 1])
    many = Calibration()
    many.update(torch.zeros(1, 1000), torch.tensor([0]))
    assert many.compute()[0].tolist() == pytest.approx([1, 0.001, 1])
