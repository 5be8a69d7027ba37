"""What is said of latencies, measured (:class:`zen_lightning.latency.LatencyLimit`) or predicted by a profile alike."""

from zen_lightning.budget.limit import Limit


class BaseLatencyLimit(Limit):
    """Bounds the milliseconds for one image."""

    name = "latency_ms"
    title = "latency"
    unit = "ms"
    bounds_depth = True

    @classmethod
    def axis(cls, resolution: int) -> str:
        """Return what the axis of a plot says."""
        return "latency (milliseconds an image)"

    @classmethod
    def phrase(cls, value: float) -> str:
        """Return milliseconds as a sentence has them."""
        return f"{cls.text(value)} an image"
