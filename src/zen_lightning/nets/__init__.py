"""PyTorch networks from architectures, and checkpoints of the original."""

from zen_lightning.nets.network import Network, build_network
from zen_lightning.nets.original import load_original_checkpoint

__all__ = ["Network", "build_network", "load_original_checkpoint"]
