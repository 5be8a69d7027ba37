"""Which images of one folder are held out for validation."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zen_lightning.errors import UserError

Indices = NDArray[np.int64]


def stratified_split(
    labels: NDArray[Any], fraction: float, seed: int, names: Sequence[str] | None = None
) -> tuple[Indices, Indices]:
    """Return the indices to train on and to validate on, both ascending.

    From each class the share ``fraction``, rounded, at least one image, is held out. The same on every machine and with every
    version of torch: it draws on nothing but ``random.Random(...).random()``, whose sequence Python guarantees; and on the
    number of images of a class alone, so a class that grows leaves the split of the others as it was.

    Args:
        labels: the labels of all images.
        fraction: share that is held out, above 0 and below 1.
        seed: another split for each.
        names: names of the classes, for the error.

    Raises:
        UserError: a fraction out of range, or a class of one image, which cannot be split.

    Example:
        >>> train, val = stratified_split(np.array([0, 0, 0, 1, 1, 1]), 0.3, seed=0)
        >>> len(train), len(val), sorted([*train, *val]) == list(range(6))
        (4, 2, True)
    """
    if not 0 < fraction < 1:
        raise UserError(key="val_fraction", value=fraction, expected="a share above 0 and below 1")
    held_out = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) < 2:
            name = names[label] if names is not None else label
            raise UserError(f"the class {name} has a single image", remedy="it takes two to train on one and hold one out")
        rng = random.Random(f"{seed}-{label}")
        order = sorted(range(len(members)), key=lambda _: rng.random())
        count = min(max(round(fraction * len(members)), 1), len(members) - 1)
        held_out[members[order[:count]]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
