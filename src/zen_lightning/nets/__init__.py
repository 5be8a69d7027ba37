"""PyTorch networks of architectures, their weights, and checkpoints of the original."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zen_lightning.nets.build import build_network
from zen_lightning.nets.network import Network
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.nets.weights import load_weights, read_weights, save_weights

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
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
