"""PyTorch networks of architectures, their weights, and checkpoints of the original."""

from zen_lightning.nets.build import build_network
from zen_lightning.nets.cell_network import CellNetwork
from zen_lightning.nets.network import Network
from zen_lightning.nets.original import load_original_checkpoint
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.nets.weights import load_weights, read_weights, save_weights

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
