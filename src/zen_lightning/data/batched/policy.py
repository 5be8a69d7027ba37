"""Which operations the policies apply to an image, and how strongly: what torchvision draws, for many images at once."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torchvision.transforms import v2

from zen_lightning.data.batched.draws import STAGE_COLUMNS, Column, Draws

_NO_MAGNITUDE = 0.0
_SUB_POLICY_LEVELS = 10
"""Magnitudes that AutoAugment's sub-policies are written in."""


class Step(NamedTuple):
    """An operation with its strength; ``Identity`` changes nothing."""

    name: str
    magnitude: float


IDENTITY = Step("Identity", _NO_MAGNITUDE)


class Policy:
    """What a policy may do to images of one size.

    Names, probabilities and magnitudes are read from torchvision's own classes, which augment single images.

    Args:
        name: as :attr:`~zen_lightning.data.Augmentation.policy`.
        height: of the images.
        width: likewise.

    Attributes:
        steps: all that it may apply; the first one changes nothing.

    Example:
        >>> policy = Policy("cifar10", 32, 32)
        >>> [[policy.steps[code].name for code in codes] for codes in policy.draw(Draws(0, 0, np.arange(2)))]
        [['Identity', 'Color'], ['Sharpness', 'Identity']]
    """

    def __init__(self, name: str, height: int, width: int) -> None:
        self.steps: list[Step] = [IDENTITY]
        self._codes = {IDENTITY: 0}
        self._size = height, width
        self._name = name
        if name in ("trivial", "rand"):
            made: Any = v2.TrivialAugmentWide() if name == "trivial" else v2.RandAugment()
            self._stages = 1 if name == "trivial" else made.num_ops
            bins = range(made.num_magnitude_bins) if name == "trivial" else (made.magnitude,)
            self._table = np.array(
                [[self._both(made, key, made.num_magnitude_bins, bin_) for bin_ in bins] for key in made._AUGMENTATION_SPACE]
            )
        else:
            made = v2.AutoAugment(v2.AutoAugmentPolicy(name))
            self._stages = 2
            self._table = np.array(
                [[self._both(made, key, _SUB_POLICY_LEVELS, level) for key, _, level in sub] for sub in made._policies]
            )
            self._probabilities = np.array([[probability for _, probability, _ in sub] for sub in made._policies])

    def draw(self, draws: Draws) -> list[NDArray[np.int64]]:
        """Return the code of what is applied to each image, an array for each operation after another; see :attr:`steps`."""
        return [self._stage(draws, stage) for stage in range(self._stages)]

    def _stage(self, draws: Draws, stage: int) -> NDArray[np.int64]:
        first = Column.STAGES + stage * STAGE_COLUMNS
        sign = (draws.uniform(first + 1) < 0.5).astype(np.int64)
        if self._name in ("trivial", "rand"):
            operations, bins = self._table.shape[:2]
            found = self._table[draws.whole(first, operations), draws.whole(first + 2, bins), sign]
        else:
            sub = draws.whole(Column.CHOICE, len(self._table))
            applied = draws.uniform(first) < self._probabilities[sub, stage]
            found = np.where(applied, self._table[sub, stage, sign], 0)
        return found.astype(np.int64)

    def _both(self, made: Any, name: str, bins: int, level: int | None) -> tuple[int, int]:
        """Return the codes of an operation with its magnitude, and with the magnitude's negative where it has a sign."""
        magnitudes, signed = made._AUGMENTATION_SPACE[name]
        values = magnitudes(bins, *self._size)
        magnitude = _NO_MAGNITUDE if values is None else float(values[level])
        return self._code(name, magnitude), self._code(name, -magnitude if signed else magnitude)

    def _code(self, name: str, magnitude: float) -> int:
        step = IDENTITY if name == "Identity" else Step(name, magnitude)
        if step not in self._codes:
            self._codes[step] = len(self.steps)
            self.steps.append(step)
        return self._codes[step]
