"""Limits on what can be counted."""

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget.limit import Limit


class LayersLimit(Limit):
    """Bounds the sum of all sub-layers."""

    name = "layers"

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return the number of layers."""
        return architecture.num_layers


class ParamsLimit(Limit):
    """Bounds the trainable parameters.

    Args:
        maximum: parameters.
        num_classes: outputs of the classifier, which counts too.
    """

    name = "params"

    def __init__(self, maximum: float, num_classes: int) -> None:
        super().__init__(maximum)
        self.num_classes = num_classes

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return the number of parameters."""
        return architecture.num_params(self.num_classes)


class FlopsLimit(Limit):
    """Bounds the multiply-adds for one image.

    Args:
        maximum: multiply-adds.
        resolution: height and width of the image.
        num_classes: outputs of the classifier, which counts too.
    """

    name = "flops"

    def __init__(self, maximum: float, resolution: int, num_classes: int) -> None:
        super().__init__(maximum)
        self.resolution = resolution
        self.num_classes = num_classes

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return the number of multiply-adds."""
        return architecture.flops(self.resolution, self.num_classes)
