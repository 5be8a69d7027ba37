"""The losses of distillation: on feature maps and on logits."""

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

from zen_lightning.training.targets import soft_cross_entropy


def feature_loss(
    student_feature_bchw: Tensor,
    teacher_feature_bchw: Tensor,
    projection: Callable[[Tensor], Tensor],
    clamp: float | None = None,
) -> Tensor:
    """Return the mean smooth-L1 distance (beta 1) between a student's projected feature map and its teacher's, float32.

    Args:
        student_feature_bchw: feature map of one stage.
        teacher_feature_bchw: of the same stage and images, of any size: it is resized bilinearly to the student's. No gradient
            reaches it.
        projection: maps the student's channels to the teacher's.
        clamp: the teacher's values are clamped to +- this before they are resized; None leaves them.

    Example:
        >>> import torch
        >>> feature_loss(torch.zeros(1, 1, 2, 2), torch.tensor([[[[3.0, 0.5], [0.0, 0.0]]]]), torch.nn.Identity())
        tensor(0.6562)
    """
    target_bchw = teacher_feature_bchw.detach().float()
    if clamp is not None:
        target_bchw = target_bchw.clamp(-clamp, clamp)
    size = student_feature_bchw.shape[-2:]
    if target_bchw.shape[-2:] != size:
        target_bchw = functional.interpolate(target_bchw, size=size, mode="bilinear", align_corners=False)
    return functional.smooth_l1_loss(projection(student_feature_bchw).float(), target_bchw, beta=1.0)


def logit_loss(student_logits_bk: Tensor, teacher_logits_bk: Tensor) -> Tensor:
    """Return ``-(softmax(teacher) * log_softmax(student)).sum(1).mean()``, float32.

    That is the loss of https://arxiv.org/abs/1503.02531 at temperature 1.

    Args:
        student_logits_bk: shape (batch, classes).
        teacher_logits_bk: the teacher's logits of the same images and classes. No gradient reaches it.

    Example:
        >>> import torch
        >>> logit_loss(torch.zeros(1, 2), torch.zeros(1, 2))  # ln 2
        tensor(0.6931)
    """
    return soft_cross_entropy(student_logits_bk, teacher_logits_bk.detach().float().softmax(dim=1))
