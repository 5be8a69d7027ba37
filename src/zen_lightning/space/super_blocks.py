"""The two spaces of Zen-NAS: allowed kinds, widths and depths of super-blocks.

Zen-NAS: A Zero-Shot NAS for High-Performance Deep Image Recognition, ICCV 2021, https://arxiv.org/abs/2102.01063, Section 5.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from zen_lightning.arch import SuperBlock
from zen_lightning.arch.parser import MAX_ARGUMENT
from zen_lightning.arch.plain.block import is_primitive, unchanged
from zen_lightning.arch.super_conv import SuperConv
from zen_lightning.arch.super_res import SuperRes, round_to_8
from zen_lightning.errors import UserError
from zen_lightning.space.blocks import FreeArguments, Replacements
from zen_lightning.space.chained import Chained

_MULTIPLIERS = (2.5, 2, 1.5, 1.25, 1, 1 / 1.25, 1 / 1.5, 1 / 2, 1 / 2.5)
_DEPTH_STEPS = (-2, -1, 0, 1, 2)
_KERNEL_SIZES = (3, 5, 7)
"""Factors of widths, changes of depth, and kernels of residual blocks, as in the code released with the paper."""


@lru_cache(maxsize=10_000)  # A choice, as for the other caches here: it bounds the memory.
def channel_choices(channels: int, maximum: int | None) -> tuple[int, ...]:
    """Return the widths that may replace ``channels``, sorted.

    Args:
        channels: the current width.
        maximum: the largest width allowed; None for what a structure string can hold.

    Example:
        >>> channel_choices(16, maximum=2048)
        (8, 16, 24, 32, 40)
    """
    limit = maximum if maximum is not None else MAX_ARGUMENT
    return tuple(sorted({round_to_8(min(max(channels * m, 8), limit)) for m in _MULTIPLIERS}))


@lru_cache(maxsize=1_000)
def depth_choices(sub_layers: int) -> tuple[int, ...]:
    """Return the numbers of sub-layers that may replace ``sub_layers``.

    Example:
        >>> depth_choices(2)
        (1, 2, 3, 4)
    """
    return tuple(sub_layers + step for step in _DEPTH_STEPS if sub_layers + step > 0)


MOVES = ("original", "tied")
"""How the integers of a residual block are replaced."""

_INDEPENDENT = "independent"
"""What ``original`` was called first."""


def space_identity(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a journal compares of a space: its configuration without the original moves, which old journals do not name.

    Example:
        >>> space_identity({"_target_": "zen_lightning.space.ResNetSpace", "moves": "original"})
        {'_target_': 'zen_lightning.space.ResNetSpace'}
    """
    return {key: value for key, value in node.items() if key != "moves" or value not in (MOVES[0], _INDEPENDENT)}


class SuperBlockSpace(Chained):
    """Base of the two spaces: widths change by factors, depths by steps, and any residual name may replace any other.

    A projection is only saved where bottleneck and out width are equal, and drawn independently they rarely become so at once.
    ``tied`` moves set the bottleneck to the new out width in three of four replacements, also where that is none of the widths
    that the bottleneck alone may take. Every architecture stays within reach (docs/optimum.md has what each finds).

    Args:
        moves: ``original``, as in the code released with the paper, which draws both widths independently of each other; or
            ``tied``.

    Raises:
        UserError: other moves.

    Attributes:
        residual_names: class attribute, names that a residual block may take.
        max_channels: class attribute, the largest width; None for no limit.
    """

    moves: str = MOVES[0]

    def __init__(self, moves: str = MOVES[0]) -> None:
        moves = MOVES[0] if moves == _INDEPENDENT else moves
        if moves not in MOVES:
            raise UserError(key="moves", value=moves, choices=list(MOVES))
        self.moves = moves

    def replacements(self, block: SuperBlock) -> Replacements:
        """Return the allowed replacements of a block.

        Raises:
            UserError: the block belongs to a family that this space does not know.
        """
        if isinstance(block, SuperRes):
            free = _free_residual(block.out_channels, block.bottleneck_channels, block.sub_layers, self.max_channels)
            return Replacements(block, self.residual_names, free, (_BOTTLENECK, _OUT) if self.moves == "tied" else None)
        if is_primitive(block):
            raise unchanged(block)
        if not isinstance(block, SuperConv):
            raise UserError(f"the search space {self.name!r} does not say what {block.text} may turn into")
        if self.is_fixed(block):
            return Replacements(block, (block.name,), FreeArguments())
        widths = channel_choices(block.out_channels, self.max_channels)
        return Replacements(block, (block.name,), FreeArguments((_OUT, widths), (_CONV_DEPTH, (1,))))


_OUT = SuperRes.arguments.index("out_channels")
_BOTTLENECK = SuperRes.arguments.index("bottleneck_channels")
_DEPTH = SuperRes.arguments.index("sub_layers")
_CONV_DEPTH = SuperConv.arguments.index("sub_layers")


@lru_cache(maxsize=20_000)
def _free_residual(out: int, bottleneck: int, depth: int, max_channels: int | None) -> FreeArguments:
    return FreeArguments(
        (_OUT, channel_choices(out, max_channels)),
        (_BOTTLENECK, channel_choices(bottleneck, max_channels)),
        (_DEPTH, depth_choices(depth)),
    )


class ResNetSpace(SuperBlockSpace):
    """Residual units with plain convolutions, basic or bottleneck (the original's XXBL)."""

    name = "resnet"
    residual_names = tuple(f"SuperResK1K{k}K1" for k in _KERNEL_SIZES) + tuple(f"SuperResK{k}K{k}" for k in _KERNEL_SIZES)
    max_channels = 2048  # As in the code released with the paper; the space ``mobilenet`` has no limit there.

    def is_fixed(self, block: SuperBlock) -> bool:
        """Every block may change."""
        return False


class MobileNetSpace(SuperBlockSpace):
    """Inverted residual units with depthwise convolutions (the original's IDW_fixfc)."""

    name = "mobilenet"
    residual_names = tuple(f"SuperResIDWE{e}K{k}" for e in (1, 2, 4, 6) for k in _KERNEL_SIZES)
    max_channels = None

    def is_fixed(self, block: SuperBlock) -> bool:
        """A 1 x 1 convolution, the last one, never changes."""
        return isinstance(block, SuperConv) and block.kernel_size == 1
