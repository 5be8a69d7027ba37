"""Architectures of super-blocks: text and counts."""

from typing import Annotated

from zen_lightning.arch.base import BaseArchitecture, StageSummary
from zen_lightning.arch.block import SuperBlock
from zen_lightning.arch.counting import cost_of_block, count_block
from zen_lightning.arch.liveness import peak_of_block, peak_of_classifier
from zen_lightning.arch.parser import parse_blocks
from zen_lightning.arch.plain.names import has_primitives
from zen_lightning.arch.primitives import Part
from zen_lightning.errors import UserError
from zen_lightning.system.checked import checked
from zen_lightning.system.schema import Plain
from zen_lightning.system.value_types import Channels

_STRUCTURE = Plain((str,), "text")
"""Any text: where in it something is wrong, the parser says."""


class Architecture(BaseArchitecture):
    """A network as data: super-blocks one after another, then global pooling and a classifier.

    Args:
        blocks: in order.
        num_layers: the sum of their sub-layers, where the caller knows it.
        whole: whether :meth:`split` leaves all of them as they are, where the caller knows it.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)")
        >>> arch.num_layers, arch.num_params(num_classes=10)
        (2, 2354)
        >>> arch.flops(resolution=32, num_classes=10)
        2121888
    """

    __slots__ = ("_layers", "_text", "_whole", "blocks")

    foreign_part: Part | None = None
    """The first unit that is no row of convolution, batch norm and relu; only primitive blocks have such."""

    own_classes: int | None = None
    """Classes of its own last layer; None where the classifier is as large as asked, as after super-blocks."""

    def __init__(self, blocks: tuple[SuperBlock, ...], num_layers: int | None = None, whole: bool | None = None) -> None:
        self.blocks = blocks
        self._layers = num_layers
        self._whole = whole
        self._text: str | None = None

    @classmethod
    @checked
    def parse(cls, text: Annotated[str, _STRUCTURE], in_channels: Channels = 3) -> "Architecture":
        """Return the architecture that a structure string names.

        Args:
            text: one line, white space around it allowed; super-blocks, primitive blocks, or both.
            in_channels: channels of the image.

        Raises:
            ArchitectureError: with the position and what was expected there.
        """
        if has_primitives(text):
            from zen_lightning.arch.plain.architecture import PlainArchitecture

            return PlainArchitecture.parse(text, in_channels)
        return cls(parse_blocks(text, in_channels))

    @property
    def in_channels(self) -> int:
        """Channels of the image."""
        return self.blocks[0].in_channels

    def for_images(self, channels: int) -> "Architecture":
        """Return the same network for images of other channels: its first block reads so many.

        Raises:
            UserError: channels below 1; networks of a benchmark and primitive blocks stay as they are written.

        Example:
            >>> str(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)").for_images(1))
            'SuperConvK3BNRELU(1,8,1,1)SuperResK3K3(8,16,1,8,1)'
        """
        if channels < 1:
            raise UserError(key="in_channels", value=channels, expected="1 or more")
        if channels == self.in_channels:
            return self
        if type(self) is not Architecture:
            what = f"{str(self)[:60]} is written for images of {self.in_channels} channels"
            raise UserError(what, key="in_channels", value=channels, remedy="write it for others")
        return Architecture((self.blocks[0].with_in_channels(channels), *self.blocks[1:]))

    @property
    def num_layers(self) -> int:
        """The sum of all sub-layers."""
        if self._layers is None:
            self._layers = sum([block.sub_layers for block in self.blocks])
        return self._layers

    @property
    def out_channels(self) -> int:
        """Channels of the last feature map, the classifier's input."""
        return self.blocks[-1].out_channels

    def num_params(self, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the trainable parameters of the network as built, classifier included."""
        # Parameters do not depend on the resolution; 32 is only the key under which blocks cache them.
        return self._count(32, num_classes, use_se)[0]

    def flops(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the multiply-adds of convolutions and classifier for one image, at a resolution of 1 or more."""
        if resolution < 1:
            raise UserError(key="resolution", value=resolution, expected="1 or more")
        return self._count(resolution, num_classes, use_se)[1]

    def peak_activations(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the most elements of feature maps that are alive at once, for one image; see the base class.

        Example:
            >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)")
            >>> arch.peak_activations(resolution=32)  # Of the shortcut: 8 x 32 x 32 that arrived, twice 16 x 16 x 16 to add.
            16384
        """
        most, size = self._peak_of_blocks(resolution, use_se)
        return max(most, peak_of_classifier(self.out_channels * size**2, self.out_channels, num_classes))

    def split(self) -> "Architecture":
        """Return the network in which each residual block of 6 or more sub-layers is written as two.

        The second part starts with a projection of its own, so this is another network; the search always splits first.
        """
        if self.is_whole:
            return self
        return Architecture(tuple([part for block in self.blocks for part in block.split()]))

    @property
    def is_whole(self) -> bool:
        """Whether :meth:`split` returns the network itself."""
        if self._whole is None:
            self._whole = all([block.sub_layers < block.split_from for block in self.blocks])
        return self._whole

    def summary(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> list[StageSummary]:
        """Return a row for each super-block and one for the classifier; the rows add up to the totals."""
        rows: list[StageSummary] = []
        stage = 1
        for block in self.blocks:
            count = count_block(block, resolution, use_se)
            stage += bool(rows) and count.resolution != resolution
            resolution = count.resolution
            rows.append(
                StageSummary(block.text, stage, resolution, block.out_channels, block.sub_layers, count.params, count.flops)
            )
        weights = self.out_channels * num_classes
        rows.append(StageSummary("classifier", stage + 1, 1, num_classes, 0, weights + num_classes, weights))
        return rows

    def _peak_of_blocks(self, resolution: int, use_se: bool) -> tuple[int, int]:
        """Return the peak of the blocks, and the size of the last feature map."""
        if resolution < 1:
            raise UserError(key="resolution", value=resolution, expected="1 or more")
        most = 0
        for block in self.blocks:
            resolution, elements = block.cache.get(("alive", resolution, use_se)) or peak_of_block(block, resolution, use_se)
            if elements > most:
                most = elements
        return most, resolution

    def _count(self, resolution: int, num_classes: int, use_se: bool) -> tuple[int, int]:
        weights = self.out_channels * num_classes
        params, flops = weights + num_classes, weights
        for block in self.blocks:
            known = None if use_se else block.cache.get(resolution)
            resolution, more_params, more_flops = known or cost_of_block(block, resolution, use_se)
            params += more_params
            flops += more_flops
        return params, flops

    def __str__(self) -> str:
        if self._text is None:
            self._text = "".join([block.text for block in self.blocks])
        return self._text

    def __repr__(self) -> str:
        return f"Architecture.parse({str(self)!r})"

    def __hash__(self) -> int:
        return hash(self.blocks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Architecture) and self.blocks == other.blocks

    def __reduce__(self) -> tuple[type["Architecture"], tuple[tuple[SuperBlock, ...]]]:
        return Architecture, (self.blocks,)
