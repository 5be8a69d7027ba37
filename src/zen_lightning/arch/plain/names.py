"""The names of primitive blocks, and whether a text has any."""

import re

GROUPS = (2, 4, 8, 16, 32)
"""Groups that the name of a grouped convolution may have, as in the original."""

LAYERS: dict[str, tuple[str, ...]] = {
    "ConvKX": ("in_channels", "out_channels", "kernel_size", "stride"),
    **{f"ConvKXG{groups}": ("in_channels", "out_channels", "kernel_size", "stride") for groups in GROUPS},
    "ConvKXBN": ("in_channels", "out_channels", "kernel_size", "stride"),
    "ConvKXBNRELU": ("in_channels", "out_channels", "kernel_size", "stride"),
    "ConvDW": ("channels", "kernel_size", "stride"),
    "BN": ("channels",),
    "RELU": ("channels",),
    "Swish": ("channels",),
    "SE": ("channels",),
    "MaxPool": ("channels", "kernel_size", "stride"),
    "AdaptiveAvgPool": ("channels", "size"),
    "Flatten": ("channels",),
    "Linear": ("in_channels", "out_channels", "bias"),
}
"""Arguments of the layers. ``bias`` may be left out."""

CONTAINERS = ("Sequential", "ResBlock", "ResBlockProj", "MultiSumBlock", "MultiCatBlock")
"""Names of blocks that hold blocks."""

GENET = ("SuperResKXKX", "SuperResK1KX", "SuperResK1KXK1", "SuperResK1DWK1", "SuperResK1DW")
"""Names of the residual blocks of GENet, https://arxiv.org/abs/2006.14090: kernel and expansion are arguments."""

NAMES = (*LAYERS, *CONTAINERS, *GENET)
"""Every name of a block that is not a super-block of the original."""

_ANY = re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(NAMES)})\(")


def has_primitives(text: str) -> bool:
    """Whether a text has the name of a primitive block before a bracket.

    Example:
        >>> has_primitives("ConvKX(3,8,3,1)"), has_primitives("SuperConvK3BNRELU(3,8,1,1)")
        (True, False)
    """
    return _ANY.search(text) is not None
