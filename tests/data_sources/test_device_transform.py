"""The device's part of the augmentation, batch by batch."""

import pytest
import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from zen_lightning.data.batch import RawBatch
from zen_lightning.data.device_transform import DeviceTransform, erase_masked, erase_slices

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def raw(size: int = 5, height: int = 12, width: int = 9) -> RawBatch:
    generator = torch.Generator().manual_seed(0)
    whole, corner = [0, 0, height, width], [height - 1, width - 1, height, width]
    erased = torch.tensor([[0, 0, 0, 0], [1, 2, 4, 3], [0, 0, height, 1], whole, corner])
    return RawBatch(
        torch.randint(0, 256, (size, height, width, 3), dtype=torch.uint8, generator=generator),
        torch.arange(size),
        torch.randn((size, 3), generator=generator) * 0.1,
        erased[:size],
    )


def one_by_one(batch: RawBatch) -> Tensor:
    """The same in the plainest way."""
    out = []
    for pixels, colour, (top, left, bottom, right) in zip(batch.pixels_bhwc, batch.colours, batch.erased.tolist(), strict=True):
        image = (pixels.permute(2, 0, 1) / 255 + colour[:, None, None] - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[
            :, None, None
        ]
        image[:, top:bottom, left:right] = 0
        out.append(image)
    return torch.stack(out)


@pytest.mark.parametrize("channels_last", [False, True])
def test_a_batch_is_its_images_one_by_one(channels_last: bool) -> None:
    batch = raw()
    images, labels = DeviceTransform(MEAN, STD, channels_last)(batch)
    assert torch.allclose(images, one_by_one(batch), atol=2e-6)
    assert (images.dtype, labels.tolist()) == (torch.float32, [0, 1, 2, 3, 4])
    assert images.is_contiguous(memory_format=torch.channels_last if channels_last else torch.contiguous_format)


def test_an_image_does_not_depend_on_its_batch() -> None:
    batch, transform = raw(), DeviceTransform(MEAN, STD)
    together = transform(batch)[0]
    for index in range(5):
        alone = transform(RawBatch(*(part[index : index + 1] for part in batch)))[0]
        assert torch.equal(alone[0], together[index])


def test_without_lighting_and_erasing() -> None:
    batch = raw()
    plain = RawBatch(batch.pixels_bhwc, batch.labels_b, torch.zeros(5, 0), torch.zeros(5, 0, dtype=torch.int64))
    nothing = RawBatch(batch.pixels_bhwc, batch.labels_b, torch.zeros(5, 3), torch.zeros(5, 4, dtype=torch.int64))
    transform = DeviceTransform(MEAN, STD)
    assert torch.equal(transform(plain)[0], transform(nothing)[0])


def test_batches_of_several_sizes() -> None:
    transform = DeviceTransform(MEAN, STD)
    for size, height, width in ((5, 12, 9), (2, 6, 20), (5, 12, 9)):
        batch = raw(size, height, width)
        assert torch.allclose(transform(batch)[0], one_by_one(batch), atol=2e-6)


def test_images_larger_than_what_is_taken_at_a_time() -> None:
    batch = raw(5, 300, 310)
    assert torch.allclose(DeviceTransform(MEAN, STD)(batch)[0], one_by_one(batch), atol=2e-6)


def test_both_ways_to_erase_are_the_same() -> None:
    found = [torch.ones(5, 12, 9, 3), torch.ones(5, 12, 9, 3)]
    for images, erase in zip(found, (erase_masked, erase_slices), strict=True):
        erase(images, raw().erased)
    assert torch.equal(*found)
    assert [int((image == 0).sum()) for image in found[0]] == [0, 3 * 3, 3 * 12, 3 * 12 * 9, 3]


def test_no_operator_of_erasing_on_a_gpu_waits_for_it() -> None:
    """Nothing copies between host and device, reads a value, or indexes by one."""
    images, erased = torch.ones(5, 12, 9, 3), raw().erased
    with profile(activities=[ProfilerActivity.CPU]) as trace:
        erase_masked(images, erased)
    names = {event.name for event in trace.events()}
    assert "aten::masked_fill_" in names
    assert not names & {
        "aten::_local_scalar_dense", "aten::item", "aten::nonzero", "aten::index", "aten::index_put_", "aten::lift_fresh",
        "aten::masked_select", "aten::is_nonzero", "aten::copy_", "aten::_to_copy",
    }  # fmt: skip


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_is_not_waited_for() -> None:
    transform = DeviceTransform(MEAN, STD, channels_last=True)
    batch = RawBatch(*(part.cuda() for part in raw()))
    transform(batch)
    torch.cuda.set_sync_debug_mode("error")
    try:
        images = transform(batch)[0]
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert torch.allclose(images.cpu(), one_by_one(raw()), atol=2e-6)
