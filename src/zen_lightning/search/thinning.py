"""A start that fits its budget: the usual one with narrower widths, then fewer sub-layers, then cheaper kinds of blocks."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from zen_lightning.arch import Architecture, BaseArchitecture, SuperBlock
from zen_lightning.budget import Budget, Limit
from zen_lightning.errors import UserError
from zen_lightning.search.events import Say
from zen_lightning.search.narrower import narrower, shallower
from zen_lightning.space import SearchSpace
from zen_lightning.space.blocks import BlockSpace

_TRIES = 5_000
"""Mutations tried in a row without a cheaper network before the cheapest so far counts as the smallest, in spaces whose widths
are not multiples of 8. A choice: ten times as many as the shipped spaces have replacements of all parts together."""

_ROUNDS = 50
"""Passes over all super-blocks that look for cheaper kinds, at most. A choice: the shipped spaces need two or three."""


class BudgetTooSmallError(UserError):
    """Even the smallest network that the space reaches is over the budget.

    Attributes:
        smallest: that network.
    """

    smallest: BaseArchitecture


def thinned_start(
    space: SearchSpace[Any], budget: Budget, start: BaseArchitecture, say: Say, asked: BaseArchitecture | None = None
) -> BaseArchitecture:
    """Return the start, or a smaller one of the same chain of super-blocks that is within every limit.

    Of rows of super-blocks whose widths may be any multiple of 8, the widest that fits is taken: first all widths are scaled
    down together, then sub-layers are taken away, then blocks become the cheapest of their kind. In other spaces mutations are
    tried, by a fixed seed, and those kept that come closer to the limits.

    Args:
        space: the space, which the start belongs to; no network outside of it is returned.
        budget: limits, and shapes, which play no part here.
        start: where the search would begin.
        say: is told of another start.
        asked: the start that was asked for, which this one was derived from; None: this one.

    Raises:
        BudgetTooSmallError: the smallest network that the space reaches from here is still over a limit.

    Example:
        >>> from zen_lightning.budget import ParamsLimit
        >>> from zen_lightning.space import search_space
        >>> start = Architecture.parse("SuperConvK3BNRELU(3,32,1,1)SuperResK3K3(32,64,2,64,2)")
        >>> str(thinned_start(search_space("resnet"), Budget([ParamsLimit(9_000, 10)]), start, print))
        the start is over the budget (params 133k, limit 9.00k): searching from a narrower one (params 8.77k)
        'SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,16,2)'
    """
    asked = start if asked is None else asked
    over = budget.over(asked)
    if not over:
        return asked
    smallest = start
    for smallest in _candidates(space, budget, start):
        if budget.fits(smallest):
            before = ", ".join(f"{one.name} {_text(one, asked)}, limit {one.text(one.maximum)}" for one in over)
            after = ", ".join(f"{one.name} {_text(one, smallest)}" for one in over)
            say(f"the start is over the budget ({before}): searching from a {_changes(asked, smallest)} one ({after})")
            return smallest
    raise _too_small(space, budget, smallest)


def _candidates(space: SearchSpace[Any], budget: Budget, start: BaseArchitecture) -> Iterator[BaseArchitecture]:
    """Yield smaller and smaller networks; the last one is the smallest."""
    if not (isinstance(space, BlockSpace) and space.any_width and type(start) is Architecture):
        yield from _wander(space, budget, start)
        return
    # A block of a family that the space does not know is an error, which replacements() raises.
    fixed = {block: _is_fixed(space, block) for block in start.blocks}
    kept = {(block.name, block.stride, block.out_channels) for block in start.blocks if fixed[block]}

    def is_fixed(block: SuperBlock) -> bool:
        return (block.name, block.stride, block.out_channels) in kept

    # Layers cost no width: what is too deep becomes shallower first, and then as narrow as needed.
    deep = Budget([limit for limit in budget.limits if not limit.bounds_width])
    depths = [start, *shallower(start, is_fixed)]
    depths = [one for one in depths if deep.fits(one)] or depths[-1:]
    narrowest = start
    for arch in depths:
        widths = [arch, *narrower(arch, is_fixed)]
        narrowest = widths[-1]
        if budget.fits(narrowest):
            yield from widths
            return
    yield narrowest
    if all(limit.repeatable for limit in budget.limits):
        yield from _cheaper(space, budget, narrowest)


def _is_fixed(space: BlockSpace, block: SuperBlock) -> bool:
    """Whether the space never changes the width of a block."""
    replacements = space.replacements(block)
    place = block.arguments.index("out_channels") + 1
    return all(replacements.key(number)[place] == block.out_channels for number in range(replacements.count))


def _cheaper(space: BlockSpace, budget: Budget, arch: Architecture) -> Iterator[Architecture]:
    """Yield networks each of which is cheaper by one super-block, until none is."""
    at = _excess(budget, arch)
    for _ in range(_ROUNDS):
        before = at
        for index in range(len(arch.blocks)):
            found = min(space.neighbours(arch, index), key=lambda one: (_excess(budget, one), _size(budget, one)))
            if (_excess(budget, found), _size(budget, found)) < (at, _size(budget, arch)):
                arch, at = found, _excess(budget, found)
                yield arch
        if at == before:
            return


def _wander(space: SearchSpace[Any], budget: Budget, start: BaseArchitecture) -> Iterator[BaseArchitecture]:
    """Yield what random mutations find that is less over the limits."""
    rng, at, excess, tries = Random("thinning"), start, _excess(budget, start), 0
    while tries < _TRIES:
        child = space.mutate(at, rng, 1).split()
        now = _excess(budget, child)
        tries = 0 if now < excess else tries + 1
        if now <= excess:
            at, excess = child, now
            if tries == 0:
                yield at


def _excess(budget: Budget, architecture: BaseArchitecture) -> float:
    """Return how far a network is over its limits, each relative to its maximum; 0 within all of them."""
    return sum(max(0.0, limit.measure(architecture) / limit.maximum - 1) for limit in budget.limits)


def _size(budget: Budget, architecture: BaseArchitecture) -> float:
    return sum(limit.measure(architecture) / limit.maximum for limit in budget.limits)


def _changes(start: BaseArchitecture, thinned: BaseArchitecture) -> str:
    """Return how a start differs from the usual one, as adjectives."""
    if not isinstance(start, Architecture) or not isinstance(thinned, Architecture):
        return "smaller"
    if len(start.blocks) != len(thinned.blocks):
        return "smaller"
    pairs = list(zip(start.blocks, thinned.blocks, strict=True))
    words: list[tuple[str, Callable[[SuperBlock], Any]]] = [
        ("narrower", lambda block: [getattr(block, name, 0) for name in ("out_channels", "bottleneck_channels")]),
        ("shallower", lambda block: block.sub_layers),
        ("cheaper", lambda block: block.name),
        ("earlier down-sampled", lambda block: block.stride),
    ]
    return " and ".join(word for word, read in words if any(read(one) != read(two) for one, two in pairs)) or "smaller"


def _too_small(space: SearchSpace[Any], budget: Budget, smallest: BaseArchitecture) -> BudgetTooSmallError:
    over = budget.over(smallest)
    listed = " and ".join(f"{one.name} {_text(one, smallest)} (the limit is {one.text(one.maximum)})" for one in over)
    raising = " and ".join(f"{{{one.name}}}" for one in over)
    sized = any(hasattr(limit, "num_classes") for limit in over)
    less = ", or lower num_classes or resolution" if sized else ""
    error = BudgetTooSmallError(
        f"no network fits the budget: the smallest that the space {space.name!r} reaches from this start has {listed}",
        key=over[0].name,
        remedy=f"raise {raising}{less}, or give another start, with fewer or narrower super-blocks",
        involves=[one.name for one in over],
    )
    error.smallest = smallest
    return error


def _text(limit: Limit, architecture: BaseArchitecture) -> str:
    return limit.text(limit.measure(architecture))
