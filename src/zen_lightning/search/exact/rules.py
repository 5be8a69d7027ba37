"""Rules that a network obeys besides limits on sums: counts in each stage, the order of widths, the largest memory."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from zen_lightning.arch import Architecture


@dataclass(frozen=True)
class Rules:
    """What every network of a chain obeys.

    Attributes:
        rising: whether no block is narrower than the block before it.
        least_layers: the fewest sub-layers of each stage; 0 for no rule.
        most_layers: the most; None for no rule.
        peak: the most elements of feature maps alive at once; None for no rule.
        num_classes: outputs of the classifier, for ``peak``.
        by_stage: whether any rule or cost concerns stages.
        accepts: whether a complete network is accepted, where tables only bound a rule; None to accept all.
    """

    rising: bool = False
    least_layers: int = 0
    most_layers: int | None = None
    peak: float | None = None
    num_classes: int = 0
    by_stage: bool = False
    accepts: Callable[[Architecture], bool] | None = None

    @cached_property
    def highest(self) -> int:
        """The count of sub-layers of a stage from which larger counts are alike."""
        return self.least_layers if self.most_layers is None else self.most_layers

    def allows(self, layers: int) -> bool:
        """Whether a stage may end with so many sub-layers; counts above :attr:`highest` are counted as that."""
        return layers >= self.least_layers

    def counted(self, layers: int) -> int | None:
        """Return the count of a stage of so many sub-layers, capped; None if it has too many."""
        if self.most_layers is not None and layers > self.most_layers:
            return None
        return min(layers, self.highest)


NO_RULES = Rules()
"""Nothing besides the limits."""


class States:
    """The integers that a partial network carries: layers left, and sub-layers of the stage so far if a rule counts them.

    States are numbered so that every block leads to a smaller number.

    Args:
        layers: the limit on layers.
        rules: the rules.
        stages: for each step of the chain the number of its stage; None where it belongs to none.

    Attributes:
        first: state of the image.
    """

    def __init__(self, layers: int, rules: Rules, stages: tuple[int | None, ...]) -> None:
        self.layers = layers
        self._rules = rules
        self._stages = stages
        self._counts = rules.highest + 1
        self.first = layers * self._counts
        self._after: dict[tuple[int, bool, int], list[int]] = {}

    def __len__(self) -> int:
        return (self.layers + 1) * self._counts

    def left(self, state: int) -> int:
        """Return the layers left in a state."""
        return state // self._counts

    def ends(self, state: int) -> bool:
        """Whether a network may end in a state."""
        return self._rules.allows(state % self._counts)

    def after(self, slot: tuple[int, bool], layers: int) -> list[int]:
        """Return the state after a block of a slot with so many sub-layers, for each state; -1 where none is allowed."""
        key = (*slot, layers)
        known = self._after.get(key)
        if known is None:
            known = self._after[key] = [self._next(state, slot, layers) for state in range(len(self))]
        return known

    def _next(self, state: int, slot: tuple[int, bool], layers: int) -> int:
        left, count = divmod(state, self._counts)
        left -= layers
        if left < 0:
            return -1
        step, is_extra = slot
        stage = self._stages[step]
        if stage is not None and self._counts > 1:
            if not is_extra and self._opens(step):
                if not self._rules.allows(count):
                    return -1
                count = 0
            # A capped count plus more is the capped sum, as the cap is only passed where nothing is too many.
            counted = self._rules.counted(count + layers)
            if counted is None:
                return -1
            count = counted
        return left * self._counts + count

    def _opens(self, step: int) -> bool:
        """Whether a step begins a stage after another one."""
        before = [stage for stage in self._stages[:step] if stage is not None]
        return bool(before) and before[-1] != self._stages[step]
