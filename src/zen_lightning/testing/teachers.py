"""The requirements on every teacher."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from zen_lightning.testing.suite import Suite
from zen_lightning.training.teachers import Teacher


class TeacherCase(NamedTuple):
    """A teacher, and the downsampling of the first feature that it is asked for."""

    teacher: Teacher
    first_ratio: int


TEACHER: Suite[TeacherCase] = Suite("teacher")
"""The checks."""


def check_teacher(teacher: Callable[..., Teacher], first_ratio: int = 8, **options: Any) -> None:
    """Check a teacher of your own against the requirements on every teacher: shapes of features and logits, no changes.

    Args:
        teacher: its class, or what makes one.
        first_ratio: downsampling of a stage that it has.
        options: the options for its constructor.

    Raises:
        AssertionError: it does not hold everything; the message lists what, with the line that failed.

    Example:
        >>> from zen_lightning import Architecture, build_network
        >>> from zen_lightning.training.teachers import StagedTeacher
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,4,2,1)SuperResK3K3(4,8,2,8,1)SuperConvK1BNRELU(8,8,1,1)")
        >>> check_teacher(StagedTeacher, first_ratio=4, network=build_network(arch, num_classes=7), image_size=32)
    """
    TEACHER.run(TeacherCase(partial(teacher, **options)(), first_ratio))


def images_of(teacher: Teacher) -> Tensor:
    """Return two images of noise, shape (2, 3, image_size, image_size)."""
    return torch.randn(2, 3, teacher.image_size, teacher.image_size, generator=torch.Generator().manual_seed(0))


@TEACHER.add
def _features_and_logits(case: TeacherCase) -> None:
    teacher, first_ratio = case
    features, logits = teacher.features(images_of(teacher), first_ratio)
    assert logits.shape == (2, teacher.num_classes)
    assert features, f"it has no stage at ratio {first_ratio}"
    assert [feature.shape[1] for feature in features] == teacher.feature_channels(first_ratio)
    for stage, feature in enumerate(features):
        height, width = feature.shape[2:]
        assert height == width
        assert round(teacher.image_size / width) == first_ratio << stage


@TEACHER.add
def _without_features(case: TeacherCase) -> None:
    teacher, first_ratio = case
    features, logits = teacher.features(images_of(teacher), None)
    assert features == []
    assert torch.allclose(logits, teacher.features(images_of(teacher), first_ratio)[1], atol=1e-5)


@TEACHER.add
def _no_such_stage(case: TeacherCase) -> None:
    features, logits = case.teacher.features(images_of(case.teacher), 1 << 12)
    assert features == []
    assert logits.shape == (2, case.teacher.num_classes)
    assert case.teacher.feature_channels(1 << 12) == []


@TEACHER.add
def _it_never_changes(case: TeacherCase) -> None:
    teacher, first_ratio = case
    before = {key: value.clone() for key, value in teacher.state_dict().items()}
    assert teacher.train() is teacher
    assert not any(module.training for module in teacher.modules())
    assert not any(parameter.requires_grad for parameter in teacher.parameters())
    images = images_of(teacher).requires_grad_()
    features, logits = teacher.features(images, first_ratio)
    assert not any(out.requires_grad for out in (*features, logits))
    assert not any(out.is_inference() for out in (*features, logits))
    assert all(torch.equal(value, before[key]) for key, value in teacher.state_dict().items())


@TEACHER.add
def _same_images_same_answer(case: TeacherCase) -> None:
    teacher, first_ratio = case
    images = images_of(teacher)
    state = torch.get_rng_state()
    first, second = (teacher.features(images, first_ratio) for _ in range(2))
    assert torch.equal(state, torch.get_rng_state())
    assert torch.equal(first[1], second[1])
    assert torch.allclose(first[1][1:], teacher.features(images[1:], first_ratio)[1], atol=1e-5)


@TEACHER.add
def _normalisation(case: TeacherCase) -> None:
    assert (case.teacher.mean is None) == (case.teacher.std is None)
    assert case.teacher.mean is None or len(case.teacher.mean) == 3
