"""Measured latency, on the CPU."""

import pytest
import torch

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.latency import LatencyLimit, LatencySettings, measure_latency, measure_network

SMALL = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)")
LARGE = Architecture.parse("SuperConvK3BNRELU(3,64,1,1)SuperResK7K7(64,128,1,64,2)")


def test_a_large_network_takes_longer_than_a_small_one() -> None:
    small, large = (measure_latency(a, 32, 10, batch_size=4, dtype="float32", device="cpu", repeats=3) for a in (SMALL, LARGE))
    assert 0 < small < large


def test_a_structure_is_timed_once() -> None:
    limit = LatencyLimit(1.0, 32, 10, batch_size=2, dtype="float32", device="cpu")
    assert limit.measure(SMALL) == limit.measure(Architecture.parse(str(SMALL)))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_the_error_says_how_to_go_on() -> None:
    with pytest.raises(UserError, match=r"^latency_ms=1: .* no CUDA GPU here; let .* \(latency_device=cpu "):
        LatencyLimit(1.0, 32, 10).measure(SMALL)


def test_an_unknown_dtype_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="float16, bfloat16, float32"):
        measure_latency(SMALL, 32, dtype="int8", device="cpu")


def test_too_much_for_the_memory_is_a_sentence() -> None:
    # 123 petabytes, more than a process can address: a large machine would really hand out less, and take minutes to fill it.
    with pytest.raises(UserError, match="batch_size=10000000000000: too much for the memory of cpu"):
        measure_network(SMALL, LatencySettings(batch_size=10**13), resolution=32)
