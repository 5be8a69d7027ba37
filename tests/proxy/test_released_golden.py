"""The variant `released` agrees with the original's code within the noise of both; benchmarks/golden_proxies.py takes all."""

import math
import statistics
from collections.abc import Callable

import pytest

from golden import SHARED, needs_shared, read
from zen_lightning.arch import Architecture
from zen_lightning.proxy.catalogue import proxy_class

REPEATS = 3
NAME = "resnet_cifar_10"


def ln_of_minus(value: float) -> float:
    return math.log(-value)


@pytest.mark.long
@needs_shared
@pytest.mark.parametrize(
    ("name", "key", "of_ours", "of_theirs"),
    [
        ("naswot", "naswot", float, float),
        ("grad_norm", "grad_norm", math.log, math.log),
        ("synflow", "synflow", ln_of_minus, ln_of_minus),
        ("ntk", "ntk_condition_number", ln_of_minus, math.log),
    ],
)
def test_within_four_standard_errors(
    name: str, key: str, of_ours: Callable[[float], float], of_theirs: Callable[[float], float]
) -> None:
    entry = next(entry for entry in read(SHARED, "proxies.json") if entry["name"] == NAME)
    theirs = [of_theirs(value) for value in entry[key]["values"]]
    shape = {what: entry[what] for what in ("resolution", "num_classes", "batch_size")}
    proxy, arch = proxy_class(name)(**shape, variant="released"), Architecture.parse(entry["structure"])
    ours = [of_ours(proxy.score(arch, seed).value) for seed in range(REPEATS)]
    # A standard deviation of few draws is often far too small.
    error = max(statistics.stdev(ours), statistics.stdev(theirs)) * math.sqrt(1 / len(ours) + 1 / len(theirs))
    assert abs(statistics.fmean(ours) - statistics.fmean(theirs)) <= 4 * error
