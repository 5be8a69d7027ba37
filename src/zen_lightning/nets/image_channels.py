"""How many channels the images of a network have."""

from torch import Tensor, nn

from zen_lightning.arch import BaseArchitecture

COLOUR, GREY = 3, 1
_MOST = 4
"""The most channels that are taken for those of images: colour and transparency."""

_LUMINANCE = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in grey, ITU-R BT.601, as Pillow has them."""


def image_channels(network: BaseArchitecture | nn.Module) -> int:
    """Return the channels of the images that a network takes.

    Those of an architecture are in its text. In any other module they are those of its first convolution; 3 where it has none,
    or that takes more than an image has.

    Example:
        >>> image_channels(nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 16, 3))), image_channels(nn.Linear(3, 4))
        (1, 3)
    """
    if isinstance(network, BaseArchitecture):
        return network.in_channels
    if isinstance(architecture := getattr(network, "architecture", None), BaseArchitecture):
        return architecture.in_channels
    first = next((module for module in network.modules() if isinstance(module, nn.Conv2d)), None)
    return first.in_channels if first is not None and first.in_channels <= _MOST else COLOUR


def as_taken(images_bchw: Tensor, channels: int) -> Tensor:
    """Return images as a network takes them: colour becomes grey for one that takes grey, by luminance; else as they are.

    Example:
        >>> import torch
        >>> as_taken(torch.ones(2, 3, 4, 4), 1).shape
        torch.Size([2, 1, 4, 4])
    """
    if channels != GREY or images_bchw.shape[1] != COLOUR:
        return images_bchw
    red, green, blue = (images_bchw[:, place : place + 1] * share for place, share in enumerate(_LUMINANCE))
    return red + green + blue
