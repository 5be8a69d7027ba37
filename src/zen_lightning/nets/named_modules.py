"""Networks of torchvision and timm by name, with random weights, to score and correlate families other than this project's."""

from typing import Any

from torch import nn

from zen_lightning.arch.languages import MODULE_LIBRARIES, is_named_module
from zen_lightning.errors import MissingExtraError, UserError, nearest

__all__ = ["SOURCES", "check_named_module", "default_resolution", "is_named_module", "named_module"]

SOURCES = MODULE_LIBRARIES
"""The libraries, as written before the colon of a name."""

_AUXILIARY = ("googlenet", "inception_v3")
"""Networks of torchvision with auxiliary classifiers."""

_USUAL, _INCEPTION = 224, 299
"""Height and width of the images that networks of torchvision are trained on."""


def check_named_module(text: str) -> None:
    """Check a name as :func:`named_module` does, without building the network.

    Raises:
        MissingExtraError: timm is not installed.
        UserError: there is no such network; the message names the nearest.
    """
    source, name = _parts(text)
    known = known_names(text)
    if name not in known:
        kind = "classifier" if source == "torchvision" else "model"
        raise UserError(f"{source} has no {kind} {name!r}{nearest(name, known)}", key="text")


def known_names(text: str) -> list[str]:
    """Return the names of the networks that classify images in the library that a text begins with, ``timm:``, say.

    Raises:
        MissingExtraError: timm is not installed.
    """
    if _parts(text)[0] == "torchvision":
        return list(_torchvision().list_models(module=_torchvision()))  # Only this module lists networks that classify images.
    return list(_timm(text).list_models())


def named_module(text: str, num_classes: int = 1000, auxiliary: bool = True) -> nn.Module:
    """Return a network of torchvision or timm, in training mode, with random weights.

    Nothing is downloaded.

    Args:
        text: ``torchvision:resnet18``, ``timm:regnetx_002``; white space around it is allowed.
        num_classes: its logits; by default the classes of ImageNet.
        auxiliary: whether GoogLeNet and Inception have their auxiliary classifiers, which give more outputs in training.

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
        more: dict[str, Any] = {"init_weights": False} if name in _AUXILIARY else {}
        more |= {} if auxiliary or name not in _AUXILIARY else {"aux_logits": False}
        network = _torchvision().get_model(name, weights=None, num_classes=num_classes, **more)
    else:
        network = _timm(text).create_model(name, pretrained=False, num_classes=num_classes)
    return network


def default_resolution(text: str) -> int:
    """Return height and width of the images that a network is usually given.

    Example:
        >>> default_resolution("torchvision:resnet18")
        224
    """
    source, name = _parts(text)
    if source == "torchvision":
        return _INCEPTION if name == "inception_v3" else _USUAL
    settings = _timm(text).get_pretrained_cfg(name)
    return _USUAL if settings is None else int(settings.input_size[-1])


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
