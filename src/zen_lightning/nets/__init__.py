"""PyTorch networks of architectures, their weights, and checkpoints of the original."""

from typing import TYPE_CHECKING, Any

from zen_lightning.nets.build import build_network
from zen_lightning.nets.network import Network
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.nets.weights import load_weights, read_weights, save_weights
from zen_lightning.system.lazy import lazy_name

if TYPE_CHECKING:
    from zen_lightning.nets.cell_network import CellNetwork
    from zen_lightning.nets.original import load_original_checkpoint

_LAZY = {"CellNetwork": "cell_network", "load_original_checkpoint": "original"}

__all__ = [
    "CellNetwork",
    "Network",
    "StagedNetwork",
    "build_network",
    "load_original_checkpoint",
    "load_weights",
    "read_weights",
    "save_weights",
]


def __getattr__(name: str) -> Any:
    return lazy_name(__name__, _LAZY, name)
