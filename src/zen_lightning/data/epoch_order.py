"""Which images an epoch shows, in which order: each once, equally many of each class, or some of them several times."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from zen_lightning.data.samples import mixed_seed
from zen_lightning.errors import UserError

SAMPLINGS = ("shuffled", "balanced")
"""How the images of an epoch are chosen."""

Indices = NDArray[np.int64]


class EpochOrder(NamedTuple):
    """The images of an epoch.

    Attributes:
        indices: in their order.
        draws: how often each was shown before in this epoch: the augmentation of each time is another.
    """

    indices: Indices
    draws: Indices


def epoch_order(
    size: int, seed: int, epoch: int, labels: Indices | None = None, repeats: int = 1, own: Indices | None = None
) -> EpochOrder:
    """Return the images of an epoch, as many as there are; they depend on the arguments alone.

    Args:
        size: number of images.
        seed: seed of the order.
        epoch: counted from 0.
        labels: of the images, to show equally many of each class; None shows the images as they are. A class with fewer images
            than its share is shown several times, each image equally often, plus or minus one; of a class with more, an epoch
            shows a part.
        repeats: how often in a row an image is shown, with another augmentation each time: repeated augmentation (Hoffer et al.
            2020, https://arxiv.org/abs/1901.09335; as in Touvron et al. 2021, https://arxiv.org/abs/2012.12877). An epoch then
            shows the ``repeats``-th part of the images.
        own: an order of all images that is drawn already, as shards have it; None: all orders are equally likely.

    Raises:
        UserError: equally many of each class from an order that is drawn already.

    Example:
        >>> order = epoch_order(6, seed=0, epoch=0, labels=np.array([0, 0, 0, 0, 0, 1]))
        >>> sorted(order.indices.tolist())[-3:], sorted(order.draws.tolist())
        ([5, 5, 5], [0, 0, 0, 0, 1, 2])
    """
    if own is not None and labels is not None:
        what = "shards that are read some at a time cannot be balanced"
        raise UserError(
            what,
            key="sampling",
            value="balanced",
            remedy="let {class_weights}=balanced weigh the classes, or read all shards at once: {shards_at_once}={None}",
            involves=["class_weights", "shards_at_once"],
        )
    generator = torch.Generator()
    generator.manual_seed(mixed_seed(seed, epoch))
    if own is not None and repeats == 1:
        return EpochOrder(own, np.zeros(size, dtype=np.int64))
    if labels is None and repeats == 1:
        return EpochOrder(torch.randperm(size, generator=generator).numpy(), np.zeros(size, dtype=np.int64))
    shown = -(-size // repeats)
    if own is not None:
        chosen = own[:shown]
    elif labels is None:
        chosen = torch.randperm(size, generator=generator).numpy()[:shown]
    else:
        chosen = _balanced(labels, shown, generator)
    indices = np.repeat(chosen, repeats)[:size]
    return EpochOrder(indices, _draws(indices))


def _balanced(labels: Indices, count: int, generator: torch.Generator) -> Indices:
    """Return so many images, equally many of each class; what is left over goes to classes that are drawn."""
    present = np.unique(labels)
    share, left = divmod(count, len(present))
    lucky = set(torch.randperm(len(present), generator=generator)[:left].tolist())
    parts = []
    for at, label in enumerate(present):
        members = np.flatnonzero(labels == label)
        wanted = share + (at in lucky)
        # Whole rounds through the class, each in an order of its own, so that no image is shown twice more than another.
        rounds = [members[torch.randperm(len(members), generator=generator).numpy()] for _ in range(-(-wanted // len(members)))]
        parts.append(np.concatenate([*rounds, members[:0]])[:wanted])
    every = np.concatenate(parts)
    mixed: Indices = every[torch.randperm(len(every), generator=generator).numpy()]
    return mixed


def _draws(indices: Indices) -> Indices:
    """Return how often each index stood before.

    Example:
        >>> _draws(np.array([3, 1, 3, 3])).tolist()
        [0, 0, 1, 2]
    """
    order = np.argsort(indices, kind="stable")
    same = indices[order]
    starts = np.flatnonzero(np.r_[True, same[1:] != same[:-1]])
    counts = np.diff(np.r_[starts, len(same)])
    draws = np.empty(len(indices), dtype=np.int64)
    draws[order] = np.arange(len(indices)) - np.repeat(starts, counts)
    return draws
