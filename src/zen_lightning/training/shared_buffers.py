"""The statistics of batch norms, the same in all processes."""

import torch
import torch.distributed as dist
from torch import Tensor, nn


@torch.no_grad()
def share_buffers(network: nn.Module) -> None:
    """Give all processes the buffers of the first one, in place: those are the ones that are kept.

    Each process follows its own batches in training. Without this, each would validate another network.

    Args:
        network: the same in all processes except for its buffers; all processes call this.
    """
    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return
    kinds: dict[torch.dtype, list[Tensor]] = {}
    for buffer in network.buffers():
        kinds.setdefault(buffer.dtype, []).append(buffer)
    for buffers in kinds.values():
        flat = torch.cat([buffer.reshape(-1) for buffer in buffers])
        dist.broadcast(flat, 0)
        for buffer, part in zip(buffers, torch.split(flat, [buffer.numel() for buffer in buffers]), strict=True):
            buffer.copy_(part.view_as(buffer))
