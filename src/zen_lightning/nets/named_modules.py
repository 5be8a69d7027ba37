"""Networks of torchvision and timm by name, with random weights: for scores and correlations of other people's families."""

from torch import nn

from zen_lightning.errors import MissingExtraError, UserError, nearest

SOURCES = ("torchvision", "timm")
"""What may stand before the colon of a name."""


def is_named_module(text: str) -> bool:
    """Whether a text is meant as the name of a network of torchvision or timm; there may be none of that name.

    Example:
        >>> is_named_module("timm:regnetx_002"), is_named_module("SuperConvK3BNRELU(timm:|3,8,1,1)")
        (True, False)
    """
    return text.strip().partition(":")[0] in SOURCES


def named_module(text: str) -> nn.Module:
    """Return a network of torchvision's or timm's, in training mode, with the weights that it is initialised with.

    No weights are fetched. It has the 1,000 classes of ImageNet.

    Args:
        text: ``torchvision:resnet18``, ``timm:regnetx_002``; white space around it is allowed.

    Raises:
        MissingExtraError: timm is not installed.
        UserError: there is no such network; the message names the nearest.

    Example:
        >>> type(named_module("torchvision:resnet18")).__name__
        'ResNet'
    """
    source, _, name = text.strip().partition(":")
    if source not in SOURCES:
        raise UserError(f"{text!r}: expected torchvision:NAME or timm:NAME")
    return _torchvision(name) if source == "torchvision" else _timm(name)


def _torchvision(name: str) -> nn.Module:
    from torchvision import models

    known = models.list_models(module=models)  # Those that classify images; detection and segmentation are elsewhere.
    if name not in known:
        raise UserError(f"torchvision has no classifier {name!r}{nearest(name, known)}")
    # Inception and GoogLeNet draw their weights for a minute unless they are told not to, and warn if they are told nothing.
    more = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    network: nn.Module = models.get_model(name, weights=None, **more)
    return network


def _timm(name: str) -> nn.Module:
    try:
        import timm
    except ImportError:
        raise MissingExtraError("timm", "timm", f"the network timm:{name}") from None
    known = timm.list_models()
    if name.partition(".")[0] not in known:
        raise UserError(f"timm has no model {name!r}{nearest(name, known)}")
    network: nn.Module = timm.create_model(name.partition(".")[0], pretrained=False)
    return network
