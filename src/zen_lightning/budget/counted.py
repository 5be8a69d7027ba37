"""Limits on what can be counted."""

from abc import abstractmethod
from typing import Any

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget.limit import Limit
from zen_lightning.budget.written_count import parse_count


class CountedLimit(Limit):
    """Bounds what follows from the structure alone, so that every network has it."""

    @staticmethod
    @abstractmethod
    def count(architecture: BaseArchitecture, resolution: int, num_classes: int, use_se: bool = False) -> int:
        """Return the count of a network.

        Args:
            architecture: the network.
            resolution: height and width of the image.
            num_classes: outputs of the classifier, which counts too.
            use_se: whether the network is built with squeeze-and-excitation.
        """


class ParamsLimit(CountedLimit):
    """Bounds the trainable parameters.

    Args:
        maximum: parameters.
        num_classes: outputs of the classifier, which counts too.
    """

    name = "params"
    title = "parameters"

    def __init__(self, maximum: float, num_classes: int) -> None:
        super().__init__(maximum)
        self.num_classes = num_classes

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return the number of parameters."""
        return architecture.num_params(self.num_classes)

    @staticmethod
    def count(architecture: BaseArchitecture, resolution: int, num_classes: int, use_se: bool = False) -> int:
        """Return the number of parameters."""
        return architecture.num_params(num_classes, use_se)


class CountedPerImage(CountedLimit):
    """Bounds a count that depends on the size of the image and on the classifier.

    Args:
        maximum: the largest count.
        resolution: height and width of the image.
        num_classes: outputs of the classifier, which counts too.
    """

    def __init__(self, maximum: float, resolution: int, num_classes: int) -> None:
        super().__init__(maximum)
        self.resolution = resolution
        self.num_classes = num_classes

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return the count for one image of the limit's size."""
        return self.count(architecture, self.resolution, self.num_classes)


class FlopsLimit(CountedPerImage):
    """Bounds the multiply-adds for one image.

    Args:
        maximum: multiply-adds.
        resolution: height and width of the image.
        num_classes: outputs of the classifier, which counts too.
    """

    name = "flops"
    title = "FLOPs"

    @staticmethod
    def count(architecture: BaseArchitecture, resolution: int, num_classes: int, use_se: bool = False) -> int:
        """Return the number of multiply-adds."""
        return architecture.flops(resolution, num_classes, use_se)

    @classmethod
    def axis(cls, resolution: int) -> str:
        """Return what the axis of a plot says."""
        return f"FLOPs (multiply-adds, {resolution} px)"


class LayersLimit(CountedLimit):
    """Bounds the sum of all sub-layers."""

    name = "layers"
    bounds_depth = True
    bounds_width = False

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return the number of layers."""
        return architecture.num_layers

    @staticmethod
    def count(architecture: BaseArchitecture, resolution: int, num_classes: int, use_se: bool = False) -> int:
        """Return the number of layers."""
        return architecture.num_layers

    @classmethod
    def read(cls, value: Any) -> float:
        """Return a number of layers."""
        return parse_count(value, cls.name, "a positive count such as 14, or auto")


class ActivationsLimit(CountedPerImage):
    """Bounds the activation memory: the most elements of feature maps that are alive at once, for one image.

    What is alive when, :meth:`zen_lightning.arch.BaseArchitecture.peak_activations` says. Batch size times bytes of an element
    times this is the memory that inference needs beside the weights.

    Args:
        maximum: elements.
        resolution: height and width of the image.
        num_classes: outputs of the classifier, which counts too.
    """

    name = "activations"
    column = "peak_activations"  # A correlation's ``activations`` are the sum over all layers.
    title = "peak activations"

    @staticmethod
    def count(architecture: BaseArchitecture, resolution: int, num_classes: int, use_se: bool = False) -> int:
        """Return the elements alive at the worst moment."""
        return architecture.peak_activations(resolution, num_classes, use_se)

    @classmethod
    def axis(cls, resolution: int) -> str:
        """Return what the axis of a plot says."""
        return f"peak activations (elements, {resolution} px)"
