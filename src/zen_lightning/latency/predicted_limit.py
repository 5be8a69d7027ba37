"""A limit on latency that a profile predicts: nothing is built, nothing is timed."""

from typing import TYPE_CHECKING

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import BaseLatencyLimit
from zen_lightning.latency.operations import OutsideProfileError
from zen_lightning.latency.predictor import LatencyPredictor

if TYPE_CHECKING:
    from zen_lightning.latency.additive import AdditiveLatency


class PredictedLatencyLimit(BaseLatencyLimit):
    """Bounds the predicted milliseconds for one image.

    Args:
        maximum: milliseconds for one image.
        predictor: the predictor of a profile.
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        factor: predictions are multiplied by it, to correct for measurements of such networks and to leave a margin.
    """

    def __init__(
        self, maximum: float, predictor: LatencyPredictor, resolution: int, num_classes: int, factor: float = 1.0
    ) -> None:
        super().__init__(maximum)
        self.factor = factor
        self.predictor = predictor
        self.resolution = resolution
        self.num_classes = num_classes

    def additive_times(self) -> tuple[float, "AdditiveLatency"]:
        """Return the limit and the times of operations as integers, for the exact optimiser.

        The limit is higher by more than rounding can add in 1,000 operations.
        """
        from zen_lightning.latency.additive import UNIT, AdditiveLatency

        units = self.maximum / 1000 / self.factor / UNIT
        return units + 1_000, AdditiveLatency(self.predictor, self.num_classes)

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return the predicted milliseconds times the factor; infinity where the profile does not reach an operation."""
        try:
            return self.factor * self.predictor.milliseconds(architecture, self.resolution, self.num_classes)
        except OutsideProfileError:
            return float("inf")
