"""FLOPs and parameters as scores: the baselines of every proxy."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.arch.original_counts import original_flops, original_params
from zen_lightning.proxy.base import CannotScoreError, Proxy, Scorable, Score
from zen_lightning.proxy.checks import check_counts, check_variant, refuse_foreign_parts
from zen_lightning.system.value_types import Classes, Pixels

if TYPE_CHECKING:
    from torch import nn


class _Count(Proxy):
    """The base of the two counts.

    Args:
        resolution: height and width of the images; parameters do not depend on it.
        num_classes: number of logits; a module keeps its own.
        variant: ``paper``, the exact count, or ``released``, the count of the original's counters.
    """

    cheap = True
    variants: ClassVar[tuple[str, ...]] = ("paper", "released")

    def __init__(self, resolution: Pixels = 32, num_classes: Classes = 10, variant: str = "paper") -> None:
        check_counts({"resolution": resolution, "num_classes": num_classes})
        check_variant(variant, self.variants, self.name)
        self.resolution = resolution
        self.num_classes = num_classes
        self.variant = variant

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the count of an architecture, or of a module as it is; there is no noise.

        Raises:
            CannotScoreError: the original's counters know only rows of super-blocks, or a module does not run.
        """
        if self.variant == "released":
            if not isinstance(architecture, Architecture):
                kind = type(architecture).__name__
                raise CannotScoreError(
                    f"the original counts rows of super-blocks, not a {kind}", key="variant", remedy="use {variant}=paper"
                )
            refuse_foreign_parts(architecture, "the original's count", "use {variant}=paper")
            return Score(float(self.released(architecture)))
        if isinstance(architecture, BaseArchitecture):
            return Score(float(self.exact(architecture)))
        return Score(float(self.of_module(architecture)))

    @abstractmethod
    def exact(self, architecture: BaseArchitecture) -> int:
        """Return the exact count."""

    @abstractmethod
    def released(self, architecture: Architecture) -> float:
        """Return the original's count."""

    @abstractmethod
    def of_module(self, module: "nn.Module") -> int:
        """Return the count of a module."""


class Flops(_Count):
    """Multiply-adds of convolutions and classifier for one image, as :meth:`BaseArchitecture.flops` counts them.

    ``released``: the original's counter, which includes batch norms and takes projections at the wrong resolution.

    Example:
        >>> Flops(resolution=32, num_classes=10).score(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")).value
        221264.0
    """

    name = "flops"

    def exact(self, architecture: BaseArchitecture) -> int:
        """Return the exact multiply-adds."""
        return architecture.flops(self.resolution, self.num_classes)

    def released(self, architecture: Architecture) -> float:
        """Return the original's FLOPs."""
        return original_flops(architecture, self.resolution, self.num_classes)

    def of_module(self, module: "nn.Module") -> int:
        """Return the multiply-adds of the convolutions and linear layers that a module calls."""
        from zen_lightning.nets.image_channels import image_channels
        from zen_lightning.nets.module_counts import count_multiply_adds
        from zen_lightning.proxy.failures import reported

        with reported((1, image_channels(module), self.resolution, self.resolution), "cpu", foreign=True):
            return count_multiply_adds(module, self.resolution)


class Params(_Count):
    """Trainable parameters, classifier included, as :meth:`BaseArchitecture.num_params` counts them.

    ``released``: the original's counter, which has one value for each channel of a batch norm and one bias of the classifier.

    Example:
        >>> Params(num_classes=10).score(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")).value
        322.0
    """

    name = "params"

    def exact(self, architecture: BaseArchitecture) -> int:
        """Return the exact parameters."""
        return architecture.num_params(self.num_classes)

    def released(self, architecture: Architecture) -> float:
        """Return the original's parameters."""
        return original_params(architecture, self.num_classes)

    def of_module(self, module: "nn.Module") -> int:
        """Return the trainable parameters of a module."""
        from zen_lightning.nets.module_counts import count_parameters

        return count_parameters(module)
