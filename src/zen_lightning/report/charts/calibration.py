"""How far the probabilities of a network can be believed."""

from collections.abc import Sequence

from zen_lightning.report.charts.axis import Axis
from zen_lightning.report.charts.chart import Band, Chart, Line, Points, Series

Bin = tuple[float, float, int, float | None, float | None]
"""Both ends, images, their mean confidence and their accuracy, the last two None without images."""

_PERCENT = "{:.0%}".format


def reliability_charts(bins: Sequence[Bin]) -> list[Chart]:
    """Return the reliability diagram, and how many images have which confidence.

    Args:
        bins: of the confidence, from the lowest.
    """
    full = [one for one in bins if one[2]]
    total = sum(one[2] for one in full) or 1
    columns: list[Series] = [
        Band([low, high], [0, 0], [accuracy or 0] * 2, "band", "accuracy" if at == 0 else "")
        for at, (low, high, _, _, accuracy) in enumerate(full)
    ]
    points = [(sure, right) for _, _, _, sure, right in full if sure is not None and right is not None]
    diagram = Chart(
        "Reliability diagram",
        Axis(0, 1, "confidence: probability of the predicted class", _PERCENT),
        Axis(0, 1.02, "accuracy", _PERCENT),
        [
            *columns,
            Line([0, 1], [0, 1], "mean", "perfectly calibrated"),
            Points([sure for sure, _ in points], [right for _, right in points], "final", "mean confidence and accuracy"),
        ],
    )
    shares = [one[2] / total for one in full]
    images = Chart(
        "Images of each confidence",
        Axis(0, 1, "confidence", _PERCENT),
        Axis(0, 1.05 * max(shares, default=1.0), "share of the images", "{:.0%}".format),
        [Band([low, high], [0, 0], [share] * 2, "band") for (low, high, *_), share in zip(full, shares, strict=True)],
        height=0.6,
    )
    return [diagram, images]
