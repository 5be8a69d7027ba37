"""Turning errors raised in a network into the reason why it has no score."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError, first_line
from zen_lightning.nets.device import require_device
from zen_lightning.nets.feature_map import NoFeatureMapError
from zen_lightning.nets.random_weights import UndrawnWeightsError
from zen_lightning.proxy.base import CannotScoreError


@contextmanager
def reported(shape: tuple[int, ...], device: str, foreign: bool) -> Iterator[None]:
    """Turn exceptions of a network into a CannotScoreError with the reason.

    Args:
        shape: shape of the images: batch, channels, height, width.
        device: device of torch.
        foreign: whether the network is not of this project. Then its own faults are reported too; in a network of this project
            a TypeError or an AssertionError is a fault of the proxy and is raised as it is.

    Raises:
        CannotScoreError: out of memory, or the network does not run on such images.
        UserError: torch does not find the device.
    """
    require_device(device)
    try:
        yield
    except (NoFeatureMapError, UndrawnWeightsError) as error:
        raise CannotScoreError(str(error)) from error
    except UserError:
        raise
    except torch.OutOfMemoryError as error:
        remedy = f"lower {{batch_size}}={shape[0]}"
        raise CannotScoreError(f"out of memory on {device}", key="batch_size", remedy=remedy) from error
    except (RuntimeError, AssertionError, TypeError, ValueError) as error:
        if isinstance(error, TypeError | AssertionError) and not foreign:
            raise
        sizes = "x".join(map(str, shape))
        reason = first_line(error)
        raise CannotScoreError(f"it does not run on images of {sizes} on {device}: {reason}") from error


@contextmanager
def returning_logits(network: nn.Module, foreign: bool) -> Iterator[None]:
    """Turn the failure of a proxy on a network that returns a dict or a tuple into a CannotScoreError that says so.

    Proxies that read the maps within a network score it all the same.

    Args:
        network: the network that is scored.
        foreign: whether it is not of this project.

    Raises:
        CannotScoreError: it returns no tensor, and the proxy needs one.
    """
    returned: list[str] = []

    def note(module: nn.Module, images: object, output: object) -> None:
        if not isinstance(output, Tensor):
            returned.append(type(output).__name__)

    hook = network.register_forward_hook(note) if foreign else None
    try:
        yield
    except (AttributeError, TypeError, LookupError) as error:
        if not returned:
            raise
        what = f"it returns a {returned[0]}, and this proxy needs the logits as one tensor"
        raise CannotScoreError(what, remedy="wrap it in a module that returns them") from error
    finally:
        if hook is not None:
            hook.remove()


def require_finite(tensor: Tensor, name: str) -> None:
    """Raise a CannotScoreError if a tensor has a value that is not finite, as every comparison with nan is silently false.

    Args:
        tensor: a feature map, or gradients.
        name: name of the proxy.
    """
    with torch.no_grad():
        lowest, highest = tensor.aminmax()
        if not (lowest.isfinite() and highest.isfinite()):
            raise CannotScoreError(f"{name}: the network diverges, its values are not finite")
