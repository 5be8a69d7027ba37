"""Checkpoints in the original's format, of networks with random weights."""

import io

import torch

from zen_lightning.nets import Network, StagedNetwork
from zen_lightning.nets.original import _key_pairs


def original_bytes(network: StagedNetwork) -> bytes:
    """Return the file that the original would have written for a network."""
    assert isinstance(network, Network)
    state = network.state_dict()
    buffer = io.BytesIO()
    torch.save({"state_dict": {theirs: state[ours] for theirs, ours in _key_pairs(network)}, "epoch": 3}, buffer)
    return buffer.getvalue()
