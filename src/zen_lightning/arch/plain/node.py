"""The base of everything that a structure string with primitive blocks names."""

from typing import Any, NamedTuple

from zen_lightning.arch.primitives import Part
from zen_lightning.errors import UserError


class Form(NamedTuple):
    """What is known of a feature map before the resolution of the image is.

    Attributes:
        channels: its width; for a row of an unknown size, the channels of the map that became the row.
        size: height and width; None where they depend on the image.
        is_row: whether it is a row of features, as after ``Flatten`` and ``Linear``.
    """

    channels: int
    size: int | None = None
    is_row: bool = False


class UnchainedError(UserError):
    """A block cannot read what arrives; the parser adds the position.

    Attributes:
        node: that block.
        problem: what is wrong.
        wanted: what would be right.
    """

    def __init__(self, node: "Node", problem: str, wanted: str = "") -> None:
        super().__init__(problem, expected=wanted)
        self.node, self.problem, self.wanted = node, problem, wanted


class Node(Part):
    """A primitive block, or a super-block among them. Immutable; equal to what has the same text.

    Args:
        text: as written, without label.
        in_channels: channels in.
        out_channels: channels out.
    """

    reads_rows = False
    """Whether it may read a row of features."""

    def __init__(self, text: str, in_channels: int, out_channels: int) -> None:
        self.text = text
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.layers = 0
        self.cache: dict[Any, Any] = {}

    def after(self, form: Form) -> Form:
        """Return the form of what leaves.

        Raises:
            UnchainedError: it cannot read what arrives.
        """
        if form.is_row and not self.reads_rows:
            raise UnchainedError(self, f"{self.text} reads a feature map, but a row of features arrives")
        if form.channels != self.in_channels:
            what = f"{self.text} takes {self.in_channels} channels, but {form.channels} arrive"
            raise UnchainedError(self, what, f"{form.channels} channels")
        return Form(self.out_channels, self._size_after(form.size), form.is_row)

    @property
    def stride(self) -> int:
        """By how much it divides the resolution."""
        return 1

    def num_params(self, use_se: bool = False) -> int:
        """Return the trainable parameters: none, unless a layer has some."""
        return 0

    def flops(self, size: int, use_se: bool = False) -> int:
        """Return the multiply-adds: none, unless a layer has some."""
        return 0

    def conv_outputs(self, size: int) -> list[int]:
        """Return the elements of the output of each convolution: none, unless a layer is one."""
        return []

    def _size_after(self, size: int | None) -> int | None:
        return None if size is None else self.output_size(size)

    def __repr__(self) -> str:
        return self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and (self.text, self.in_channels) == (other.text, other.in_channels)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the cache out of a copy: it holds what readers in this process have computed."""
        return {**self.__dict__, "cache": {}}


def elements(node: Part, size: int) -> int:
    """Return the elements of the output of a part for an input of ``size``."""
    return int(node.out_channels * node.output_size(size) ** 2)
