"""How close the closed form comes to the Monte-Carlo means of the original's code."""

from pathlib import Path

import pytest

from golden import SHARED, GoldenArchitecture, architectures, needs_shared, own_and_shared
from zen_lightning.arch import Architecture
from zen_lightning.proxy.closed_form import ZenClosedForm


def measured(folder: Path) -> tuple[GoldenArchitecture, ...]:
    """Return the structures that were scored; the largest and the odd ones were not."""
    return tuple(golden for golden in architectures(folder) if golden.zen is not None)


def spearman(first: list[float], second: list[float]) -> float:
    """Return the rank correlation of two lists without ties."""
    ranks = [{value: rank for rank, value in enumerate(sorted(values))} for values in (first, second)]
    n = len(first)
    squares = sum((ranks[0][a] - ranks[1][b]) ** 2 for a, b in zip(first, second, strict=True))
    return 1 - 6 * squares / (n * (n * n - 1))


@pytest.mark.parametrize("golden", own_and_shared(measured))
def test_within_one_and_a_half_percent(golden: GoldenArchitecture) -> None:
    assert golden.zen is not None
    batch, running = ZenClosedForm(golden.resolution).readings(Architecture.parse(golden.structure))
    assert batch == pytest.approx(golden.zen.batch.mean, rel=0.015)
    assert running == pytest.approx(golden.zen.running.mean, rel=0.015)


@needs_shared
@pytest.mark.parametrize("reading", ["batch", "running"])
def test_the_ranking_is_the_same(reading: str) -> None:
    known = measured(SHARED)
    closed = [ZenClosedForm(golden.resolution, reading).score(Architecture.parse(golden.structure)).value for golden in known]
    assert len(known) >= 30
    assert spearman(closed, [getattr(golden.zen, reading).mean for golden in known]) >= 0.999
