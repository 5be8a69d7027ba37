"""A running average of a network's weights."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

_Pairs = tuple[list[Tensor], list[Tensor]]


class AveragedNetwork(nn.Module):
    """The exponential moving average of a network's weights and of its batch norms' statistics.

    After update t, counted from 0, the average is ``a + (1 - min(decay, (1 + t) / (10 + t))) * (network - a)``: the first
    updates forget the random weights quickly, whatever the decay. Integers (how many batches a norm has seen) are copied.

    Args:
        network: the network in training; it is copied.
        decay: share of the average that an update keeps in the long run.

    Attributes:
        module: the copy, with the averaged weights.
        n_averaged: updates so far, int64.

    Example:
        >>> network = nn.Linear(1, 1, bias=False)
        >>> averaged = AveragedNetwork(network, 0.999)
        >>> _ = nn.init.zeros_(averaged.module.weight), nn.init.ones_(network.weight)
        >>> averaged.update_parameters(network)  # Keeps (1 + 0) / (10 + 0).
        >>> round(averaged.module.weight.item(), 4)
        0.9
    """

    n_averaged: Tensor

    def __init__(self, network: nn.Module, decay: float) -> None:
        super().__init__()
        self.module = copy.deepcopy(network).requires_grad_(False)
        self.decay = decay
        self.register_buffer("n_averaged", torch.zeros((), dtype=torch.int64))
        self._updates = 0  # The same as n_averaged; reading that would wait for the device.
        self._floats: _Pairs | None = None
        self._others: _Pairs = ([], [])

    @torch.no_grad()
    def update_parameters(self, network: nn.Module) -> None:
        """Move the average towards the network, the same at every call: a few kernels, and nothing that waits."""
        if self._floats is None:
            self._pair(network)
        assert self._floats is not None
        kept = min(self.decay, (1 + self._updates) / (10 + self._updates))
        torch._foreach_lerp_(self._floats[0], self._floats[1], 1 - kept)
        if self._others[0]:
            torch._foreach_copy_(self._others[0], self._others[1])
        self.n_averaged.add_(1)
        self._updates += 1

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return the output of the averaged network."""
        return self.module(*args, **kwargs)

    def _pair(self, network: nn.Module) -> None:
        ours = [*self.module.parameters(), *self.module.buffers()]
        theirs = [*network.parameters(), *network.buffers()]
        pairs = [(mine.detach(), other.detach()) for mine, other in zip(ours, theirs, strict=True)]
        floats = [pair for pair in pairs if pair[0].is_floating_point()]
        others = [pair for pair in pairs if not pair[0].is_floating_point()]
        self._floats = ([mine for mine, _ in floats], [other for _, other in floats])
        self._others = ([mine for mine, _ in others], [other for _, other in others])

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Any:
        self._floats = None  # The tensors are others once they are moved.
        return super()._apply(fn, recurse)  # type: ignore[no-untyped-call]

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
        self._updates = int(state_dict.get(f"{prefix}n_averaged", self._updates))
