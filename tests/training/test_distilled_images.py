"""The images that teacher and student see."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from training.distillation_parts import (
    Watched,
    batch,
    distiller,
    fit,
)
from zen_lightning.training.recipe import Recipe

pytestmark = pytest.mark.filterwarnings("ignore:You defined a `validation_step`", "ignore:.*LeafSpec")


def test_teacher_and_student_see_the_same_images() -> None:
    teacher = Watched(image_size=12)
    module = distiller(teacher)
    given: list[Tensor] = []
    module.network.blocks[0].register_forward_pre_hook(lambda _, inputs: given.append(inputs[0].clone()))
    teacher.seen.clear()
    images, targets = batch()
    module.batch_loss(images, targets)
    assert len(given) == len(teacher.seen) == 1
    for seen, size in ((given[0], 8), (teacher.seen[0], 12)):
        assert torch.equal(seen, functional.interpolate(images, size=(size, size), mode="bilinear", align_corners=False))


def test_the_teacher_sees_mixed_images() -> None:
    teacher = Watched(image_size=8)
    teacher_images: list[Tensor] = []
    module = distiller(teacher, recipe=Recipe(epochs=2, warmup_epochs=0, batch_size=4, bn_momentum=0.1, mixup=1.0))
    given: list[Tensor] = []
    module.network.blocks[0].register_forward_pre_hook(lambda _, inputs: given.append(inputs[0].clone()))
    plain: list[Tensor] = []
    original = module.training_step

    def step(batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        plain.append(batch[0].clone())
        loss = original(batch, batch_idx)
        running = module.running_teacher
        assert isinstance(running, Watched)
        teacher_images.append(running.seen[-1])
        return loss

    module.training_step = step  # type: ignore[method-assign]
    fit(module, size=8, limit_train_batches=1)
    assert torch.equal(given[0], teacher_images[0])
    assert not torch.equal(plain[0], teacher_images[0])


def test_images_are_normalised_as_the_teacher_needs_them() -> None:
    teacher = Watched(mean=(0.5, 0.4, 0.3), std=(0.1, 0.2, 0.3))
    module = distiller(teacher, image_mean=(0.2, 0.3, 0.4), image_std=(0.4, 0.5, 0.6))
    teacher.seen.clear()
    images, targets = batch()
    module.batch_loss(images, targets)
    rows = [(0.2, 0.4, 0.5, 0.1), (0.3, 0.5, 0.4, 0.2), (0.4, 0.6, 0.3, 0.3)]
    for channel, (mean, std, new_mean, new_std) in enumerate(rows):
        expected = (images[:, channel] * std + mean - new_mean) / new_std
        assert torch.allclose(teacher.seen[0][:, channel], expected, atol=1e-5)


@pytest.mark.parametrize("own", [None, (0.5, 0.4, 0.3)])
def test_images_stay_where_the_normalisation_is_the_same(own: tuple[float, ...] | None) -> None:
    teacher = Watched(mean=own, std=own)
    module = distiller(teacher, image_mean=(0.5, 0.4, 0.3), image_std=(0.5, 0.4, 0.3))
    teacher.seen.clear()
    images, targets = batch()
    module.batch_loss(images, targets)
    assert torch.equal(teacher.seen[0], images)
