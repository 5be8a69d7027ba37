"""The feature map before global pooling, of networks of this project and of any other module."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from zen_lightning.errors import UserError
from zen_lightning.nets.staged import StagedNetwork


class NoFeatureMapError(UserError):
    """No feature map before a global average pooling was found in a module."""


def feature_map(module: nn.Module, images: Tensor) -> Tensor:
    """Return the input of the global pooling.

    Networks of this project return it directly. In any other module it is the input of the last average pooling in the forward
    pass with a fixed output size or a single output position, or of the last mean over height and width. The poolings of
    squeeze-and-excitations come earlier.

    Args:
        module: a module that takes images.
        images: shape (batch, channels, height, width).

    Returns:
        shape (batch, channels', height', width').

    Raises:
        NoFeatureMapError: there is no such pooling.
    """
    if isinstance(module, StagedNetwork):
        return module.features(images)
    watch = _PoolingWatch()
    with watch:
        module(images)
    if watch.last is None:
        raise NoFeatureMapError(
            f"{type(module).__name__} has no feature map before a global average pooling: the Zen-score is defined for "
            "convolutional networks that end in one"
        )
    return watch.last


class _PoolingWatch(TorchFunctionMode):
    """Records the input of the last global pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.last: Tensor | None = None

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if _is_final_pool(func, args, kwargs):
            pooled = args[0] if args else kwargs["input"]
            if pooled.dim() == 4:
                self.last = pooled
        result = func(*args, **kwargs)
        if func is functional.avg_pool2d and result.shape[-2:] == (1, 1):
            self.last = args[0] if args else kwargs["input"]
        return result


def _is_final_pool(func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    if func is functional.adaptive_avg_pool2d:
        return True
    option = args[1] if len(args) > 1 else kwargs.get("dim")
    if getattr(func, "__name__", "") == "mean" and isinstance(option, list | tuple):
        return sorted(axis % 4 for axis in option) == [2, 3]
    return False
