"""What changed from one network to another, block by block."""

from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.report.block_facts import BlockFacts

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"
MARKS = {SAME: "=", CHANGED: "~", ADDED: "+", REMOVED: "-"}

_GAP = 1.0
"""Cost of an added or a removed block: the unit of the distances below."""

_WEIGHTS = {"kind": 0.8, "kernel": 0.3, "expansion": 0.2, "channels": 0.4, "bottleneck": 0.2, "stride": 0.6, "layers": 0.3}
"""Cost of a change of each property. A choice: few changes of a block cost more than removing it and adding another."""

_NAMES = {"channels": "width"}
_COUNTS = ("channels", "bottleneck", "layers")
_PLACE = 0.02
"""Cost of each stage between two blocks. A choice: it only decides between alignments that are otherwise equal."""


class BlockChange(NamedTuple):
    """A block of one network and what stands for it in the other.

    Attributes:
        kind: ``same``, ``changed``, ``added`` or ``removed``.
        old: text of the block; None for one that was added.
        new: text of the block in the other network; None for one that was removed.
        what: each difference, such as ``kernel 3 -> 5``; empty unless the block changed.
    """

    kind: str
    old: str | None
    new: str | None
    what: tuple[str, ...] = ()


def block_changes(old: Sequence[BlockFacts], new: Sequence[BlockFacts]) -> list[BlockChange]:
    """Return the blocks of two networks next to each other, in order.

    They are aligned as texts are in a ``diff``: such that what was added, removed and changed is least in all, where a change
    counts by how far kind, kernel, expansion, widths, stride and layers are apart. A block that only takes in other channels,
    because the one before it changed, is the same.

    Args:
        old: the blocks of the first network; see :func:`~zen_lightning.report.block_facts.block_facts`.
        new: the blocks of the second.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> from zen_lightning.report.block_facts import block_facts
        >>> texts = ("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)", "SuperConvK3BNRELU(3,8,1,1)SuperResK5K5(8,24,1,8,1)")
        >>> changes = block_changes(*(block_facts(Architecture.parse(text), 32, 10) for text in texts))
        >>> [(change.kind, change.what) for change in changes]
        [('same', ()), ('changed', ('kernel 3 -> 5', 'width 16 -> 24')), ('same', ())]
    """
    return [_change(a, b) for a, b in _aligned(old, new)]


def _aligned(old: Sequence[BlockFacts], new: Sequence[BlockFacts]) -> list[tuple[BlockFacts | None, BlockFacts | None]]:
    """Return pairs by the algorithm of Needleman and Wunsch: the cheapest way from both beginnings to both ends."""
    cost = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) + 1):
        for j in range(len(new) + 1):
            ways = [cost[i - 1][j] + _GAP] if i else []
            ways += [cost[i][j - 1] + _GAP] if j else []
            ways += [cost[i - 1][j - 1] + _distance(old[i - 1], new[j - 1])] if i and j else []
            cost[i][j] = min(ways, default=0.0)
    pairs: list[tuple[BlockFacts | None, BlockFacts | None]] = []
    i, j = len(old), len(new)
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + _distance(old[i - 1], new[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((old[i], new[j]))
        elif i and cost[i][j] == cost[i - 1][j] + _GAP:
            i -= 1
            pairs.append((old[i], None))
        else:
            j -= 1
            pairs.append((None, new[j]))
    return pairs[::-1]


def _distance(a: BlockFacts, b: BlockFacts) -> float:
    if a.is_classifier != b.is_classifier:
        return 3 * _GAP  # A classifier stands for no block.
    total = _PLACE * min(10, abs(a.stage - b.stage))
    for key, weight in _WEIGHTS.items():
        mine, theirs = getattr(a, key), getattr(b, key)
        if mine == theirs:
            continue
        apart = 1.0 if None in (mine, theirs) or key not in _COUNTS else 1 - min(mine, theirs) / max(1, mine, theirs)
        total += weight * apart
    return total


def _change(a: BlockFacts | None, b: BlockFacts | None) -> BlockChange:
    if a is None or b is None:
        return BlockChange(ADDED if a is None else REMOVED, a.text if a else None, b.text if b else None)
    what = [
        f"{_NAMES.get(key, key)} {_written(getattr(a, key))} -> {_written(getattr(b, key))}"
        for key in _WEIGHTS
        if getattr(a, key) != getattr(b, key)
    ]
    if not what and _arguments(a) != _arguments(b):
        what = [f"{a.text} -> {b.text}"]  # Of a family whose other arguments have no name here.
    return BlockChange(CHANGED if what else SAME, a.text, b.text, tuple(what))


def _arguments(block: BlockFacts) -> tuple[str, str]:
    """Return name and arguments without the channels that arrive."""
    name, _, arguments = block.text.partition("(")
    return name, arguments.partition(",")[2]


def _written(value: int | str | None) -> str:
    return "none" if value is None else f"{value:,}" if isinstance(value, int) else value
