"""The layers that proxies read, in networks of this project and in any other module."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

WEIGHTED = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)
NORMS = nn.modules.batchnorm._BatchNorm
OTHER_NORMS = (nn.GroupNorm, nn.LayerNorm, nn.RMSNorm, nn.modules.instancenorm._InstanceNorm)
_RELUS = {functional.relu, functional.relu_, functional.relu6, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_}

_CLAMPS = {functional.hardtanh, functional.hardtanh_}


def weighted_layers(network: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    """Return the convolutions and linear layers, in the order of ``network.modules()``."""
    return [module for module in network.modules() if isinstance(module, WEIGHTED)]  # type: ignore[misc]


@contextmanager
def watched_relus(on_input: Callable[[Tensor], None]) -> Iterator[None]:
    """Call ``on_input`` with the input of every relu, modules and functions alike, before it is overwritten.

    Args:
        on_input: takes the input of the relu. It must not keep the tensor, which the relu may overwrite.
    """
    with _ReluWatch(on_input):
        yield


@contextmanager
def uncapped_relus() -> Iterator[None]:
    """Take the cap off every relu that has one (ReLU6), modules and functions alike: it passes on whatever is above 0.

    A gate written as ``relu6(x + 3) / 6`` (hard sigmoid, hard swish) is recognised by the constant added to its input and keeps
    its cap. Tensors must have an autograd graph, as they do where weights require gradients.
    """
    with _Uncapped():
        yield


@contextmanager
def watched_outputs(network: nn.Module, on_output: Callable[[Tensor], Tensor | None]) -> Iterator[None]:
    """Call ``on_output`` with the output of every convolution and linear layer, in the order of the forward pass.

    Args:
        network: the network to watch.
        on_output: takes the output; a tensor that it returns replaces the output.
    """
    handles = [layer.register_forward_hook(lambda _layer, _args, out: on_output(out)) for layer in weighted_layers(network)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _ReluWatch(TorchFunctionMode):
    def __init__(self, on_input: Callable[[Tensor], None]) -> None:
        super().__init__()
        self._on_input = on_input

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _RELUS or _is_capped_relu(func, args, kwargs):
            self._on_input(args[0] if args else kwargs["input"])
        return func(*args, **kwargs)


class _Uncapped(TorchFunctionMode):
    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is functional.relu6 or _is_capped_relu(func, args, kwargs):
            before = args[0] if args else kwargs["input"]
            if not _is_shifted(before):
                return functional.relu(before)
        return func(*args, **kwargs)


def _is_capped_relu(func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    return func in _CLAMPS and (args[1] if len(args) > 1 else kwargs.get("min_val")) == 0


def _is_shifted(tensor: Tensor) -> bool:
    """Whether a tensor is the sum of another and a constant; in a sum of two tensors both have a node in the graph."""
    node = tensor.grad_fn
    return node is not None and node.name().startswith("AddBackward") and any(one is None for one, _ in node.next_functions)
