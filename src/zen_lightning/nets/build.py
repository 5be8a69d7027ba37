"""Building the PyTorch network of an architecture in any language."""

import torch

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.errors import UserError
from zen_lightning.nets.network import Network
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.system.checked import checked
from zen_lightning.system.memory import too_large
from zen_lightning.system.value_types import Classes

_BYTES = 4
"""Of a weight, in float32."""

_SMALL = 2**24
"""Weights that are built without a look at the memory, which costs more than the count. A choice: 64 MB."""


@checked
def build_network(
    architecture: BaseArchitecture | str,
    num_classes: Classes = 1000,
    use_se: bool = False,
    vanilla: bool = False,
    initialise: bool = True,
) -> StagedNetwork:
    """Return the network of an architecture, with PyTorch's default initialisation.

    Args:
        architecture: the architecture to build, or its text.
        num_classes: number of logits.
        use_se: build squeeze-and-excitation where the families have it; cells never do.
        vanilla: build the twin without shortcuts and projections, which zero-shot proxies are computed on; the network of a
            cell is its own twin.
        initialise: False leaves the weights uninitialised and draws no random number, for callers that set the weights.

    Raises:
        UserError: its weights need more memory than this machine has free, or a text is no architecture.

    Example:
        >>> import torch
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)")
        >>> build_network(arch, num_classes=10)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """
    if isinstance(architecture, str):
        from zen_lightning.nets.named_architecture import architecture_of

        architecture = architecture_of(architecture)
    if isinstance(architecture, BaseArchitecture):
        _require_memory(architecture, num_classes, use_se)
    if isinstance(architecture, Architecture):
        return Network(architecture, num_classes, use_se, vanilla, initialise)
    from zen_lightning.arch import CellArchitecture
    from zen_lightning.nets.cell_network import CellNetwork

    if isinstance(architecture, CellArchitecture):
        return CellNetwork(architecture, num_classes, initialise)
    from zen_lightning.nets.named_architecture import NamedArchitecture, NamedNetwork

    if isinstance(architecture, NamedArchitecture):
        return NamedNetwork(architecture, num_classes)
    raise TypeError(f"there is no network for a {type(architecture).__name__}")


def _require_memory(architecture: BaseArchitecture, num_classes: int, use_se: bool) -> None:
    """Raise a UserError where the weights alone need more memory than there is."""
    weights = architecture.num_params(num_classes, use_se)
    if weights < _SMALL or torch.get_default_device().type != "cpu":
        return
    problem = too_large(_BYTES * weights)
    if problem is not None:
        what = f"a network of {weights:,} weights cannot be built: {problem}"
        raise UserError(what, remedy="choose a narrower structure, or fewer classes", involves=["num_classes"])
