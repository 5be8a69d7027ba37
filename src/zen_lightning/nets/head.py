"""The classifier of an architecture: the usual one, or what its text ends with."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.nets.modules import Classifier, RawLinear

if TYPE_CHECKING:
    from zen_lightning.arch.plain.architecture import PlainArchitecture


class Head(Classifier):
    """The blocks that end the text of an architecture, then a linear layer unless they end in one.

    Args:
        parts: the modules of the blocks.
        linear: the last linear layer.
        pools: whether a global pooling comes before it.

    """

    def __init__(self, parts: list[nn.Module], linear: nn.Linear, pools: bool) -> None:
        super().__init__(linear.in_features, linear.out_features, initialise=False)
        self.parts = nn.Sequential(*parts)
        if not pools:
            self.pool = nn.Identity()
        self.linear = linear

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the logits, shape (batch, classes)."""
        out: Tensor = self.linear(torch.flatten(self.pool(self.parts(x_bchw)), 1))
        return out


def build_classifier(architecture: BaseArchitecture, num_classes: int, initialise: bool = True) -> Classifier:
    """Return the classifier of an architecture; its attribute ``linear`` gives the logits.

    Args:
        architecture: the architecture.
        num_classes: number of logits.
        initialise: whether the weights get PyTorch's initialisation.

    Raises:
        UserError: the text ends in a ``Linear`` with other classes.
    """
    if isinstance(architecture, Architecture) and type(architecture) is not Architecture:
        from zen_lightning.arch.plain.architecture import PlainArchitecture

        if isinstance(architecture, PlainArchitecture) and architecture.head:
            return _head(architecture, num_classes, initialise)
    return Classifier(architecture.out_channels, num_classes, initialise)


def _head(architecture: "PlainArchitecture", num_classes: int, initialise: bool) -> Head:
    from zen_lightning.nets.plain_modules import RowLinear, build_node

    architecture.check_classes(num_classes)
    parts = [build_node(node, use_se=False, vanilla=False, initialise=initialise) for node in architecture.head]
    if architecture.own_classes is not None:
        last = parts.pop()
        assert isinstance(last, RowLinear), "a head of its own ends in a linear layer"
        return Head(parts, last.linear, pools=False)
    linear = (nn.Linear if initialise else RawLinear)(architecture.features, num_classes)
    return Head(parts, linear, architecture.pools)
