"""Networks of torchvision and timm by name, with random weights, to score and correlate families other than this project's."""

from typing import Any

from torch import nn

from zen_lightning.errors import MissingExtraError, UserError, nearest

SOURCES = ("torchvision", "timm")
"""The libraries, as written before the colon of a name."""


def is_named_module(text: str) -> bool:
    """Whether a text is meant as the name of a network of torchvision or timm, whether or not there is one.

    Example:
        >>> is_named_module("timm:regnetx_002"), is_named_module("SuperConvK3BNRELU(timm:|3,8,1,1)")
        (True, False)
    """
    return text.strip().partition(":")[0] in SOURCES


def check_named_module(text: str) -> None:
    """Check a name as :func:`named_module` does, without building the network.

    Raises:
        MissingExtraError: timm is not installed.
        UserError: there is no such network; the message names the nearest.
    """
    source, name = _parts(text)
    if source == "torchvision":
        known = _torchvision().list_models(module=_torchvision())  # Only this module lists networks that classify images.
        if name not in known:
            raise UserError(f"torchvision has no classifier {name!r}{nearest(name, known)}", key="text")
    else:
        known = _timm(text).list_models()
        if name not in known:
            raise UserError(f"timm has no model {name!r}{nearest(name, known)}", key="text")


def named_module(text: str) -> nn.Module:
    """Return a network of torchvision or timm, in training mode, with random weights.

    Nothing is downloaded. The network has the 1,000 classes of ImageNet.

    Args:
        text: ``torchvision:resnet18``, ``timm:regnetx_002``; white space around it is allowed.

    Raises:
        MissingExtraError: timm is not installed.
        UserError: there is no such network; the message names the nearest.

    Example:
        >>> type(named_module("torchvision:resnet18")).__name__
        'ResNet'
    """
    check_named_module(text)
    source, name = _parts(text)
    network: nn.Module
    if source == "torchvision":
        # Inception and GoogLeNet take a minute to draw their weights unless told not to, and warn if told nothing.
        more = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        network = _torchvision().get_model(name, weights=None, **more)
    else:
        network = _timm(text).create_model(name, pretrained=False)
    return network


def _parts(text: str) -> tuple[str, str]:
    """Return library and name; in timm, the part after a point names weights."""
    source, _, name = text.strip().partition(":")
    if source not in SOURCES:
        raise UserError(key="text", value=text, expected="torchvision:NAME or timm:NAME")
    return source, name.partition(".")[0] if source == "timm" else name


def _torchvision() -> Any:
    from torchvision import models

    return models


def _timm(text: str) -> Any:
    try:
        import timm
    except ImportError:
        raise MissingExtraError("timm", "timm", f"the network {text.strip()}") from None
    return timm
