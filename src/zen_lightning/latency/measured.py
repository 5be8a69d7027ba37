"""The measured latency of a network."""

from dataclasses import dataclass

from zen_lightning.latency.timing import LARGEST_SPREAD, Timing

_BUSY_SHARE = 0.7
"""Share of the time below which another program is blamed for a wide spread. A choice."""


@dataclass(frozen=True)
class Measured:
    """A measured latency, in milliseconds for one image.

    Attributes:
        milliseconds: the lower quartile of the quickest of three rounds of passes, which profiles, predictions and budgets
            use: a disturbance only ever adds to a measurement, so it is reproducible where mean and median are not.
        median: median of all passes.
        high: the upper quartile.
        repeats: passes that were timed.
        share: of the time that passed, how much the device worked for this: 1 on an idle machine.
    """

    milliseconds: float
    median: float
    high: float
    repeats: int
    share: float = 1.0

    @property
    def spread(self) -> float:
        """Distance of the quartiles over the median."""
        return (self.high - self.milliseconds) / self.median

    @property
    def trusted(self) -> bool:
        """Whether the quartiles are within 10% of the median of one another."""
        return self.spread <= LARGEST_SPREAD

    @property
    def warning(self) -> str | None:
        """A sentence where the spread is too wide to trust, or None."""
        if self.trusted:
            return None
        busy = ": something else runs on the device" if self.share < _BUSY_SHARE else ""
        return (
            f"the quartiles are {self.spread:.0%} apart, too wide to trust{busy}; close what else runs, fix the clocks if you "
            "can, and measure again"
        )

    @classmethod
    def of(cls, timing: Timing, batch_size: int) -> "Measured":
        """Return the latency for one image from the timing of whole passes."""
        low, median, high = (1000 * seconds / batch_size for seconds in (timing.low, timing.median, timing.high))
        return cls(low, median, high, timing.repeats, timing.share)
