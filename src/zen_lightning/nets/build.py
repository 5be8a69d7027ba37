"""From an architecture of any language to its PyTorch network."""

from zen_lightning.arch import Architecture, BaseArchitecture, CellArchitecture
from zen_lightning.nets.cell_network import CellNetwork
from zen_lightning.nets.network import Network
from zen_lightning.nets.staged import StagedNetwork


def build_network(
    architecture: BaseArchitecture,
    num_classes: int = 1000,
    use_se: bool = False,
    vanilla: bool = False,
    initialise: bool = True,
) -> StagedNetwork:
    """Return the network of an architecture, with PyTorch's default initialisation.

    Args:
        architecture: what to build.
        num_classes: logits.
        use_se: build squeeze-and-excitation where the families have a place for it; cells have none.
        vanilla: build the twin without shortcuts and projections, which zero-shot proxies are computed on; the network of a
            cell is its own twin.
        initialise: False leaves the weights as memory had them, and no random number is drawn: for those who draw their own.

    Example:
        >>> import torch
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)")
        >>> build_network(arch, num_classes=10)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """
    if isinstance(architecture, CellArchitecture):
        return CellNetwork(architecture, num_classes, initialise)
    if isinstance(architecture, Architecture):
        return Network(architecture, num_classes, use_se, vanilla, initialise)
    raise TypeError(f"there is no network for a {type(architecture).__name__}")
