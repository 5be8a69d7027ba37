"""Which images an epoch shows: deterministic, balanced where that is asked for, repeated with another augmentation."""

import numpy as np
import pytest
import torch

from zen_lightning.data import Augmentation, Digits, ImageData
from zen_lightning.data.batched.draws import Column, Draws
from zen_lightning.data.epoch_order import epoch_order
from zen_lightning.data.labels import class_counts, labels_of
from zen_lightning.data.picked_images import PickedImages
from zen_lightning.data.sampler import EpochSampler
from zen_lightning.data.samples import SampleKey, mixed_seed
from zen_lightning.errors import UserError

LABELS = np.repeat([0, 1, 2], [70, 25, 5])


def test_the_usual_order_is_what_it_was() -> None:
    wanted = torch.randperm(100, generator=torch.Generator().manual_seed(mixed_seed(3, 5))).tolist()
    order = epoch_order(100, 3, 5)
    assert order.indices.tolist() == wanted
    assert not order.draws.any()


@pytest.mark.parametrize("epoch", range(4))
def test_balanced_epochs_show_as_many_of_each_class(epoch: int) -> None:
    order = epoch_order(100, seed=1, epoch=epoch, labels=LABELS)
    shown = np.bincount(LABELS[order.indices], minlength=3)
    assert shown.sum() == 100
    assert shown.max() - shown.min() <= 1
    times = np.bincount(order.indices, minlength=100)
    for label in range(3):
        mine = times[label == LABELS]
        assert mine.max() - mine.min() <= 1  # No image twice more often than another of its class.
    pairs = set(zip(order.indices.tolist(), order.draws.tolist(), strict=True))
    assert len(pairs) == 100  # Each time has an augmentation of its own.


def test_over_many_epochs_every_image_of_a_large_class_is_shown() -> None:
    seen = {int(index) for epoch in range(12) for index in epoch_order(100, 0, epoch, LABELS).indices}
    assert seen == set(range(100))


def test_a_class_without_images_has_no_share() -> None:
    order = epoch_order(10, 0, 0, np.array([0] * 8 + [2] * 2))
    assert np.bincount(order.indices >= 8).tolist() == [5, 5]


@pytest.mark.parametrize("labels", [None, LABELS])
def test_repeats_are_in_one_global_batch_and_differ_by_their_draw(labels: np.ndarray | None) -> None:
    order = epoch_order(100, 0, 0, labels, repeats=4)
    assert len(order.indices) == 100
    groups = order.indices.reshape(-1, 4)
    assert (groups == groups[:, :1]).all()
    assert all(len(set(draws)) == 4 for draws in order.draws.reshape(-1, 4).tolist())


@pytest.mark.parametrize("options", [{"labels": LABELS}, {"repeats": 3}, {"labels": LABELS, "repeats": 3}])
def test_processes_share_the_global_batches_and_an_epoch_is_continued_within(options: dict) -> None:
    whole = [*EpochSampler(100, 12, seed=4, **options)]
    parts = [[*EpochSampler(100, 4, rank, 3, seed=4, **options)] for rank in range(3)]
    for batch in range(8):
        joined = [key for part in parts for key in part[4 * batch : 4 * batch + 4]]
        assert joined == whole[12 * batch : 12 * batch + 12]
    later = EpochSampler(100, 12, seed=4, **options)
    later.start_at(0, 5)
    assert [*later] == whole[60:]
    other = EpochSampler(100, 12, seed=4, **options)
    other.set_epoch(1)
    assert [*other] != whole


def test_an_image_that_is_shown_again_is_augmented_otherwise() -> None:
    data = ImageData(Digits(), 8, Augmentation(crop="pad", padding=4, flip=0.5, policy=None), workers=0, repeats=2)
    samples = data.train_dataloader().dataset
    first, again, third = (samples[SampleKey(1, 5, draw)].pixels_bhwc for draw in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, third)
    assert torch.equal(samples[SampleKey(1, 5)].pixels_bhwc, first)
    keys = [*data.train_sampler]
    assert keys[0].index == keys[1].index
    assert [key.draw for key in keys[:4]] == [0, 1, 0, 1]


def test_labels_of_all_kinds_of_images() -> None:
    images = Digits().train()
    picked = PickedImages(images, np.array([5, 3, 1]))
    assert labels_of(images).tolist() == [images.label(index) for index in range(len(images))]
    assert labels_of(picked).tolist() == [images.label(index) for index in (5, 3, 1)]
    assert class_counts(images, 11)[10] == 0


def test_counts_are_those_that_an_epoch_shows() -> None:
    plain, balanced = (ImageData(Digits(), 8, Augmentation(), sampling=sampling) for sampling in ("shuffled", "balanced"))
    assert plain.shown_counts().sum() == plain.train_size
    assert balanced.shown_counts().tolist() == [1] * 10


def test_images_on_the_device_are_augmented_otherwise_each_time() -> None:
    indices = np.array([4, 4, 9])
    plain, again = Draws(0, 1, indices), Draws(0, 1, indices, np.array([0, 1, 0]))
    one, other = plain.uniform(Column.TOP), again.uniform(Column.TOP)
    assert one[0] == one[1] == other[0]
    assert other[1] != other[0]
    assert one[2] == other[2]


def test_an_order_that_is_drawn_already() -> None:
    own = np.arange(100)[::-1].copy()
    assert epoch_order(100, 0, 0, own=own).indices.tolist() == own.tolist()
    assert epoch_order(100, 0, 0, repeats=2, own=own).indices[:4].tolist() == [99, 99, 98, 98]
    with pytest.raises(UserError, match="sampling=balanced: shards that are read some at a time"):
        epoch_order(100, 0, 0, LABELS, own=own)
