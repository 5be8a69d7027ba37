"""The Monte-Carlo score agrees with the original's code within the noise of both."""

import math
import statistics

import pytest

from golden import SHARED, GoldenArchitecture, architecture, architectures, needs_shared
from zen_lightning.arch import Architecture
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo

REPEATS = 8
OWN = [pytest.param(name, id=name) for name in ("resnet_cifar_18", "resnet_cifar_20", "resnet_cifar_22")]
MORE = [pytest.param(name, id=name, marks=needs_shared) for name in ("resnet_cifar_10", "resnet_cifar_28")]


def find(name: str) -> GoldenArchitecture:
    more = {golden.name: golden for golden in architectures(SHARED)}
    return more.get(name) or architecture(name)


@pytest.mark.parametrize("name", OWN + MORE)
def test_within_four_standard_errors(name: str) -> None:
    golden = find(name)
    assert golden.zen is not None
    proxy = ZenMonteCarlo(golden.resolution, batch_size=golden.zen.batch_size, repeats=REPEATS)
    draws = proxy.draws(Architecture.parse(golden.structure), seed=0)
    for reading in ("batch", "running"):
        values, expected = [getattr(draw, reading) for draw in draws], getattr(golden.zen, reading)
        error = math.sqrt(statistics.variance(values) / REPEATS + expected.std**2 / golden.zen.repeats)
        assert abs(statistics.fmean(values) - expected.mean) <= 4 * error
