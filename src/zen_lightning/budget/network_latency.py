"""What is known of the latency of one network: predicted by a profile, measured beside it."""

from typing import Any, NamedTuple


class NetworkLatency(NamedTuple):
    """What is known of a network's latency, in milliseconds for one image.

    Attributes:
        predicted: by the profile.
        uncertainty: one standard deviation of its error.
        measured: on this device; None where the profile is of another.
        spread: of that measurement.
        warning: where the measurement is not to be trusted, why.
    """

    predicted: float
    uncertainty: float
    measured: float | None = None
    spread: float | None = None
    warning: str | None = None

    def __str__(self) -> str:
        predicted = f"predicted {self.predicted:.4g} ± {self.uncertainty:.2g} ms"
        return predicted if self.measured is None else f"{predicted}, measured {self.measured:.4g} ms"

    def as_dict(self) -> dict[str, Any]:
        """Return what a result says of it."""
        return {
            "predicted_ms": self.predicted,
            "uncertainty_ms": self.uncertainty,
            "measured_ms": self.measured,
            "spread": self.spread,
            "trusted": self.measured is not None and self.warning is None,
        }
