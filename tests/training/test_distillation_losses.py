"""The losses, against cases computed by hand."""

import math

import pytest
import torch
from torch import nn

from zen_lightning.training.distillation_losses import feature_loss, logit_loss
from zen_lightning.training.projection import Projection


def _same(value: torch.Tensor, expected: float) -> None:
    assert value.dtype == torch.float32
    assert value.item() == pytest.approx(expected, abs=1e-6)


def test_feature_loss_at_one_size() -> None:
    student = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    teacher = torch.tensor([[[[1.0, 2.5], [5.0, 0.0]]]])
    # Distances 0, 0.5, 2, 4: smooth L1 gives 0, 0.125, 1.5, 3.5.
    _same(feature_loss(student, teacher, nn.Identity()), 5.125 / 4)


def test_feature_loss_goes_through_the_projection() -> None:
    student = torch.tensor([[[[1.0, 2.0]], [[3.0, -1.0]]]])  # Two channels, 1 x 2.
    teacher = torch.tensor([[[[0.0, 0.0]]]])
    projection = nn.Conv2d(2, 1, kernel_size=1)
    with torch.no_grad():
        projection.weight.copy_(torch.tensor([0.5, 0.25]).reshape(1, 2, 1, 1))
        projection.bias.fill_(-1.0)
    # 0.5 + 0.75 - 1 = 0.25 and 1 - 0.25 - 1 = -0.25.
    _same(feature_loss(student, teacher, projection), 0.25**2 / 2)


def test_feature_loss_resizes_the_teacher_to_the_student() -> None:
    teacher = torch.tensor([[[[0.0, 4.0], [8.0, 4.0]]]])
    # A single position is at the middle of the four: 4.
    _same(feature_loss(torch.zeros(1, 1, 1, 1), teacher, nn.Identity()), 3.5)
    # Four columns, corners not aligned: 0, 1, 3, 4 in the row of 0 and 4.
    wide = torch.tensor([[[[0.0, 4.0]]]])
    _same(feature_loss(torch.zeros(1, 1, 1, 4), wide, nn.Identity()), (0 + 0.5 + 2.5 + 3.5) / 4)


def test_features_are_clamped_before_they_are_resized() -> None:
    teacher = torch.tensor([[[[-9.0, 3.0], [1.0, 1.0]]]])
    # Clamped to -2, 2, 1, 1: their middle is 0.5. Resized first it is -1.
    _same(feature_loss(torch.zeros(1, 1, 1, 1), teacher, nn.Identity(), clamp=2.0), 0.125)
    _same(feature_loss(torch.zeros(1, 1, 2, 2), teacher, nn.Identity(), clamp=2.0), (1.5 + 1.5 + 0.5 + 0.5) / 4)


def test_logit_loss() -> None:
    # Softmax of ln 3, 0 is 3/4, 1/4; of 0, ln 4 it is 1/5, 4/5.
    student = torch.tensor([[math.log(3), 0.0], [0.0, 0.0]])
    teacher = torch.tensor([[0.0, math.log(4)], [7.0, 7.0]])
    first = -(1 / 5 * math.log(3 / 4) + 4 / 5 * math.log(1 / 4))
    _same(logit_loss(student, teacher), (first + math.log(2)) / 2)


def test_no_gradient_reaches_the_teacher() -> None:
    student, teacher = (torch.rand(2, 3, 4, 4, requires_grad=True) for _ in range(2))
    (feature_loss(student, teacher, nn.Identity()) + logit_loss(student.mean((2, 3)), teacher.mean((2, 3)))).backward()
    assert student.grad is not None
    assert teacher.grad is None


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_float32_under_autocast(dtype: torch.dtype) -> None:
    projection = Projection(4, 3, generator=torch.Generator().manual_seed(0))
    student, teacher = torch.rand(2, 4, 6, 6), torch.rand(2, 3, 3, 3)
    logits = torch.randn(2, 2, 5)
    plain = feature_loss(student, teacher, projection, 0.5), logit_loss(*logits)
    with torch.autocast("cpu", dtype):
        cast = feature_loss(student, teacher, projection, 0.5), logit_loss(*logits)
    assert all(torch.equal(a, b) for a, b in zip(plain, cast, strict=True))
    half = feature_loss(student.to(dtype), teacher.to(dtype), projection), logit_loss(*logits.to(dtype))
    assert all(loss.dtype == torch.float32 for loss in half)
