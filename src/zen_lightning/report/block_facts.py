"""The properties of each part of a network, for drawings, tables and comparisons."""

from typing import NamedTuple

from zen_lightning.arch import Architecture, BaseArchitecture, SuperBlock
from zen_lightning.arch.base import CLASSIFIER
from zen_lightning.arch.plain.block import is_primitive

KINDS = {
    "SuperConv": "conv",
    "SuperResKK": "residual",
    "SuperResK1KK1": "bottleneck",
    "SuperResIDW": "inverted",
    "LinearConv": "linear conv",
    "PreRes": "pre-activation",
    "MBConv": "mbconv",
    "MBConvSE": "mbconv SE",
}
"""What the field calls the families; one of a user's own goes by its class."""


class BlockFacts(NamedTuple):
    """A super-block, a part of the network of a cell, or the classifier.

    Attributes:
        text: as written.
        kind: ``conv``, ``residual``, ``bottleneck``, ``inverted``, or the name of the part.
        kernel: height and width of its convolutions; None where it has no one size.
        expansion: the expansion of an inverted bottleneck; None for others.
        bottleneck: its inner width; None for others.
        stride: the stride of its first layer.
        channels: the channels that leave (classes, for the classifier).
        layers: sub-layers.
        stage: number of the stage, counted from 1.
        resolution: height and width of what leaves.
        params: trainable parameters.
        flops: multiply-adds for one image.
    """

    text: str
    kind: str
    kernel: int | None
    expansion: int | None
    bottleneck: int | None
    stride: int
    channels: int
    layers: int
    stage: int
    resolution: int
    params: int
    flops: int

    @property
    def is_classifier(self) -> bool:
        """Whether it is the classifier; a pooling, say, has no layers either."""
        return self.text == CLASSIFIER

    @property
    def label(self) -> str:
        """Kernel, expansion and squeeze-and-excitation in short, or the kind where there is none of them.

        Example:
            >>> from zen_lightning.arch import Architecture
            >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K5(8,16,2,8,1)")
            >>> [block.label for block in block_facts(arch, 32, 10)]
            ['k3', 'k5 e6', 'classifier']
        """
        parts = [f"k{self.kernel}" if self.kernel else "", f"e{self.expansion}" if self.expansion else ""]
        parts.append("se" if self.kind == KINDS["MBConvSE"] else "")
        return " ".join(part for part in parts if part) or self.kind


def block_facts(
    architecture: BaseArchitecture, resolution: int, num_classes: int = 1000, use_se: bool = False
) -> list[BlockFacts]:
    """Return the parts of a network in order, the classifier last; parameters and FLOPs add up to the totals.

    Args:
        architecture: the network.
        resolution: height and width of the image.
        num_classes: outputs of the classifier.
        use_se: whether it has squeeze-and-excitation.
    """
    rows = architecture.summary(resolution, num_classes, use_se)
    blocks = architecture.blocks if isinstance(architecture, Architecture) else ()
    facts = []
    arrives = resolution
    for number, row in enumerate(rows):
        block = blocks[number] if number < len(blocks) else None
        facts.append(
            BlockFacts(
                text=row.block,
                kind=kind_of(block) if block is not None else row.block,
                kernel=getattr(block, "kernel_size", None),
                expansion=getattr(block, "expansion", None),
                bottleneck=getattr(block, "bottleneck_channels", None),
                stride=block.stride
                if block is not None
                else max(1, round(arrives / row.resolution))
                if not row.is_classifier
                else 1,
                channels=row.channels,
                layers=row.layers,
                stage=row.stage,
                resolution=row.resolution,
                params=row.params,
                flops=row.flops,
            )
        )
        arrives = row.resolution
    return facts


def kind_of(block: SuperBlock) -> str:
    """Return what the field calls a super-block.

    Example:
        >>> from zen_lightning.arch import make_block
        >>> kind_of(make_block("SuperResIDWE6K3", 8, 16, 1, 8, 1))
        'inverted'
    """
    if is_primitive(block):
        return str(getattr(block, "kind", block.name))
    family = type(block).__bases__[0].__name__
    return KINDS.get(family, family)
