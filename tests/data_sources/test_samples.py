"""Augmentation that depends on seed, epoch and index alone."""

import random
import traceback
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch._utils import ExceptionWrapper

from zen_lightning.data import Augmentation, Digits
from zen_lightning.data.samples import SampleError, SampleKey, SeededSamples, mixed_seed
from zen_lightning.data.transforms import TrainTransform
from zen_lightning.errors import UserError

AUGMENTATION = Augmentation(policy="imagenet", lighting=0.1)


@pytest.fixture
def samples() -> Callable[[int | None], SeededSamples]:
    images = Digits().train()
    transform = TrainTransform(AUGMENTATION, 16)
    return lambda seed: SeededSamples(images, transform, seed)


def test_the_same_whatever_came_before(samples: Callable[[int], SeededSamples]) -> None:
    keys = [SampleKey(epoch, index) for epoch in (0, 1) for index in range(20)]
    before = {key: samples(3)[key] for key in keys}
    random.Random(0).shuffle(keys)
    torch.manual_seed(99)
    again = samples(3)
    for key in keys:
        torch.rand(3)
        assert all(torch.equal(a, b) for a, b in zip(again[key], before[key], strict=True))


def test_another_for_each_seed_epoch_and_index(samples: Callable[[int], SeededSamples]) -> None:
    drawn = [samples(seed)[SampleKey(epoch, 5)] for seed in range(4) for epoch in range(4)]
    pairs = [(a, b) for number, a in enumerate(drawn) for b in drawn[:number]]
    # Of 120 pairs; some policies change nothing.
    assert sum(not torch.equal(a.pixels_bhwc, b.pixels_bhwc) for a, b in pairs) > 110
    assert not any(torch.equal(a.colours, b.colours) for a, b in pairs)
    assert sum(not torch.equal(a.erased, b.erased) for a, b in pairs) > 60  # Half of the images have no rectangle.


def test_what_others_draw_is_left_alone(samples: Callable[[int], SeededSamples]) -> None:
    torch.manual_seed(5)
    expected = [torch.randn(3) for _ in range(3)]
    torch.manual_seed(5)
    found: list[Tensor] = []
    for index in range(3):
        found.append(torch.randn(3))
        samples(1)[SampleKey(0, index)]
    assert all(torch.equal(a, b) for a, b in zip(expected, found, strict=True))


def test_no_seed_draws_from_the_stream_of_the_process(samples: Callable[[int | None], SeededSamples]) -> None:
    torch.manual_seed(1)
    first = samples(None)[SampleKey(0, 0)][0]
    torch.manual_seed(1)
    assert torch.equal(samples(None)[SampleKey(0, 0)][0], first)


def test_seeds_of_neighbours_have_nothing_in_common() -> None:
    seeds = {mixed_seed(seed, epoch, index) & 0xFFFFFFFF for seed in range(10) for epoch in range(10) for index in range(100)}
    assert len(seeds) > 9_990
    assert mixed_seed(1, 23) != mixed_seed(12, 3)
    assert sum(seed & 1 for seed in seeds) == pytest.approx(5000, abs=300)


class Unreadable(SeededSamples):
    def __init__(self) -> None:
        class Broken:
            def __len__(self) -> int:
                return 1

            def image(self, index: int) -> None:
                raise UserError("images/SampleError: 1.png: cannot be read\n(truncated)")

            def label(self, index: int) -> int:
                return 0

        super().__init__(Broken(), lambda image: image, 0)  # type: ignore[arg-type, return-value]


def test_the_error_of_an_image_survives_torchs_wrapping() -> None:
    for times in range(1, 3):
        try:
            Unreadable()[SampleKey(0, 0)]
        except UserError:
            wrapped = ExceptionWrapper(where="in DataLoader worker process 0")
        for _ in range(times):
            with pytest.raises(UserError) as caught:
                wrapped.reraise()
        assert type(caught.value) is SampleError
        assert str(caught.value) == "images/SampleError: 1.png: cannot be read\n(truncated)"
        assert "Traceback" not in "".join(traceback.format_exception_only(caught.value))
