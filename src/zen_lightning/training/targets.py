"""The targets of a classifier: label smoothing, mixup, and the loss."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


def smooth_targets(labels_b: Tensor, num_classes: int, smoothing: float) -> Tensor:
    """Return soft targets: ``1 - e + e / K`` on the class and ``e / K`` elsewhere (https://arxiv.org/abs/1512.00567).

    Args:
        labels_b: classes, int64, shape (batch,).
        num_classes: K.
        smoothing: e.

    Returns:
        float32, shape (batch, K); each row adds up to 1.

    Example:
        >>> smooth_targets(torch.tensor([1]), 4, 0.1)
        tensor([[0.0250, 0.9250, 0.0250, 0.0250]])
    """
    share = smoothing / num_classes
    targets_bk = torch.full((len(labels_b), num_classes), share, dtype=torch.float32, device=labels_b.device)
    return targets_bk.scatter_(1, labels_b[:, None], 1 - smoothing + share)


def mix_up(images_bchw: Tensor, targets_bk: Tensor, alpha: float, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return a batch whose images and targets are mixed alike with those of a permutation of it (https://arxiv.org/abs/1710.09412).

    Args:
        images_bchw: the batch.
        targets_bk: its soft targets.
        alpha: one coefficient for the batch is drawn from Beta(alpha, alpha); at 0 nothing is mixed.
        generator: source of the coefficient and the permutation.
    """
    if alpha <= 0:
        return images_bchw, targets_bk
    kept = float(generator.beta(alpha, alpha))
    partner_b = torch.from_numpy(generator.permutation(len(images_bchw)))
    if images_bchw.is_cuda:
        partner_b = partner_b.pin_memory().to(images_bchw.device, non_blocking=True)  # Pageable memory would make this wait.
    elif images_bchw.device.type != "cpu":
        partner_b = partner_b.to(images_bchw.device)
    return (
        images_bchw.mul(kept).add_(images_bchw[partner_b], alpha=1 - kept),
        targets_bk.mul(kept).add_(targets_bk[partner_b], alpha=1 - kept),
    )


def mixed(
    images_bchw: Tensor, targets_bk: Tensor, mixup: float, cutmix: float, generator: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Return a batch mixed by mixup, or by CutMix; of both, one is drawn for each batch, with equal chances.

    Args:
        images_bchw: the batch.
        targets_bk: its soft targets.
        mixup: as ``alpha`` of :func:`mix_up`.
        cutmix: as ``alpha`` of :func:`cut_mix`.
        generator: source of all that is drawn.
    """
    if cutmix > 0 and (mixup <= 0 or generator.random() < 0.5):
        return cut_mix(images_bchw, targets_bk, cutmix, generator)
    return mix_up(images_bchw, targets_bk, mixup, generator)


def cut_mix(images_bchw: Tensor, targets_bk: Tensor, alpha: float, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return a batch with a rectangle of each image from another one, and targets by area (https://arxiv.org/abs/1905.04899).

    The rectangle has the aspect ratio of the image and a share 1 - k of its area, k drawn from Beta(alpha, alpha); its centre
    is anywhere, and what lies outside of the image is cut off (equation 2 and its text).

    Args:
        images_bchw: the batch.
        targets_bk: its soft targets.
        alpha: of the Beta distribution.
        generator: source of the rectangle and the permutation.
    """
    height, width = images_bchw.shape[-2:]
    side = float(np.sqrt(1 - generator.beta(alpha, alpha)))
    row, column = generator.integers(height), generator.integers(width)
    partner_b = torch.from_numpy(generator.permutation(len(images_bchw))).to(images_bchw.device)
    top, bottom = (int(np.clip(row + sign * side * height / 2, 0, height)) for sign in (-1, 1))
    left, right = (int(np.clip(column + sign * side * width / 2, 0, width)) for sign in (-1, 1))
    pasted = images_bchw.clone()
    pasted[..., top:bottom, left:right] = images_bchw[partner_b][..., top:bottom, left:right]
    kept = 1 - (bottom - top) * (right - left) / (height * width)
    return pasted, targets_bk.mul(kept).add_(targets_bk[partner_b], alpha=1 - kept)


def soft_binary_cross_entropy(logits_bk: Tensor, targets_bk: Tensor, weights_b: Tensor | None = None) -> Tensor:
    """Return the binary cross entropy of each class with its soft target, the mean over classes and images, in float32.

    The arguments are those of :func:`soft_cross_entropy`.
    """
    each = None if weights_b is None else weights_b[:, None]
    return functional.binary_cross_entropy_with_logits(logits_bk.float(), targets_bk, weight=each)


def soft_cross_entropy(logits_bk: Tensor, targets_bk: Tensor, weights_b: Tensor | None = None) -> Tensor:
    """Return ``-(targets * log_softmax(logits)).sum(1).mean()``, in float32 whatever the logits are.

    Args:
        logits_bk: shape (batch, classes).
        targets_bk: soft targets, likewise.
        weights_b: how much each image counts, shape (batch,); None: all alike.
    """
    losses_b = -(targets_bk * functional.log_softmax(logits_bk.float(), dim=1)).sum(1)
    return (losses_b if weights_b is None else losses_b * weights_b).mean()


def step_generator(seed: int, epoch: int, batch: int, rank: int) -> np.random.Generator:
    """Return the source of random numbers of one step of one process: the same whenever that step is taken again."""
    return np.random.default_rng([seed, epoch, batch, rank])


def seed_step(device: torch.device, seed: int) -> None:
    """Seed the generators that a step draws from (dropout, for example): the CPU's and the device's.

    ``torch.manual_seed`` seeds those of all devices; where there is no GPU, it keeps a record of the stack at every call (3 ms
    a step), to be used once there is one.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        torch.cuda.default_generators[index].manual_seed(seed)
    elif device.type != "cpu":
        torch.manual_seed(seed)
