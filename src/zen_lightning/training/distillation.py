"""The settings of distillation."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from zen_lightning.errors import UserError


@dataclass(frozen=True)
class Distillation:
    """What is added to the loss of a classifier; the defaults are those of Zen-NAS (https://arxiv.org/abs/2102.01063).

    Attributes:
        feature_weight: weight of the feature losses of all stages together; 0 leaves them out.
        logit_weight: weight of the logit loss; 0 leaves it out.
        first_ratio: input size over output size of the first stage; it doubles from stage to stage.
        clamp: the teacher's features are brought within +- this; None leaves them.
        projection_norm: whether a batch norm follows the projections of the student's features.
        projection_relu: whether a relu does.

    Raises:
        UserError: a number that cannot be used; the message names its key.
    """

    feature_weight: float = 1.0
    logit_weight: float = 1.0
    first_ratio: int = 16
    clamp: float | None = None
    projection_norm: bool = False
    projection_relu: bool = False

    def __post_init__(self) -> None:
        for key in ("feature_weight", "logit_weight"):
            _check(key, getattr(self, key), lambda value: value >= 0, "0 or more")
        whole = isinstance(self.first_ratio, int)
        _check("first_ratio", self.first_ratio, lambda value: whole and value >= 1, "a whole number, 1 or more")
        if self.clamp is not None:
            _check("clamp", self.clamp, lambda value: value > 0, "more than 0, or null")

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers by name, as JSON and checkpoints hold them."""
        return asdict(self)


def _check(key: str, value: Any, fits: Callable[[Any], bool], wanted: str) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not fits(value):
        raise UserError(key=key, value=value, expected=wanted)
