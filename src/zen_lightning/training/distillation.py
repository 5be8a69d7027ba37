"""The settings of distillation."""

from dataclasses import asdict, dataclass
from typing import Any

from zen_lightning.system.value_checks import check_fields
from zen_lightning.system.value_types import Count, From0, Positive


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

    feature_weight: From0 = 1.0
    logit_weight: From0 = 1.0
    first_ratio: Count = 16
    clamp: Positive | None = None
    projection_norm: bool = False
    projection_relu: bool = False

    def __post_init__(self) -> None:
        check_fields(self)

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers by name, as JSON and checkpoints hold them."""
        return asdict(self)
