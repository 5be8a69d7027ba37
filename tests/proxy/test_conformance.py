"""What every proxy keeps to. A new proxy joins by one line in PROXIES."""

import contextlib
import math
import pickle
from collections.abc import Callable
from functools import partial
from random import Random

import pytest
import torch

from zen_lightning.arch import Architecture
from zen_lightning.proxy import CannotScoreError, Proxy, Score
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo

PROXIES: list[tuple[str, Callable[[], Proxy]]] = [
    ("zen-closed-form-running", partial(ZenClosedForm, 32)),
    ("zen-closed-form-batch", partial(ZenClosedForm, 32, "batch")),
    ("zen-monte-carlo-one-draw", partial(ZenMonteCarlo, 16, batch_size=4)),
    ("zen-monte-carlo-three-draws", partial(ZenMonteCarlo, 16, "batch", batch_size=4, repeats=3)),
]

each_proxy = pytest.mark.parametrize("factory", [factory for _, factory in PROXIES], ids=[name for name, _ in PROXIES])

RESNET = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperResK1K5K1(16,24,2,8,1)")
MOBILENET = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)")


@each_proxy
@pytest.mark.parametrize("architecture", [RESNET, MOBILENET], ids=["resnet", "mobilenet"])
def test_a_score_is_a_finite_float(factory: Callable[[], Proxy], architecture: Architecture) -> None:
    score = factory().score(architecture)
    assert isinstance(score, Score)
    assert type(score.value) is float
    assert math.isfinite(score.value)


@each_proxy
def test_the_same_seed_gives_the_same_score(factory: Callable[[], Proxy]) -> None:
    proxy = factory()
    first = proxy.score(RESNET, seed=5)
    proxy.score(MOBILENET, seed=6)
    assert proxy.score(RESNET, seed=5) == first
    assert factory().score(RESNET, seed=5) == first
    assert proxy.score(RESNET) == proxy.score(RESNET, seed=0)


@each_proxy
def test_the_standard_error_says_whether_there_is_noise(factory: Callable[[], Proxy]) -> None:
    first, second = factory().score(RESNET, seed=1), factory().score(RESNET, seed=2)
    if first.standard_error == 0.0:
        assert first == second
    else:
        assert first.value != second.value
        assert first.standard_error is None or 0 < first.standard_error < abs(first.value)


@each_proxy
def test_pickling(factory: Callable[[], Proxy]) -> None:
    proxy = factory()
    score = proxy.score(RESNET, seed=1)
    assert pickle.loads(pickle.dumps(proxy)).score(RESNET, seed=1) == score
    assert pickle.loads(pickle.dumps(score)) == score


@each_proxy
def test_it_has_a_name(factory: Callable[[], Proxy]) -> None:
    name = factory().name
    assert name.isidentifier()
    assert name == name.lower()


@each_proxy
def test_global_random_numbers_are_left_alone(factory: Callable[[], Proxy]) -> None:
    before = torch.get_rng_state()
    factory().score(RESNET, seed=1)
    assert torch.equal(torch.get_rng_state(), before)


@each_proxy
def test_any_seed_will_do(factory: Callable[[], Proxy]) -> None:
    for seed in (-1, 2**31, Random(0).getrandbits(64)):
        assert math.isfinite(factory().score(MOBILENET, seed=seed).value)


@each_proxy
def test_an_extreme_architecture_has_a_finite_score_or_a_reason(factory: Callable[[], Proxy]) -> None:
    for text in ("SuperConvK7BNRELU(3,8,100,2)", "SuperConvK1BNRELU(3,1,1,30)", "SuperResIDWE1K7(3,1,1,1,1)"):
        with contextlib.suppress(CannotScoreError):
            assert math.isfinite(factory().score(Architecture.parse(text)).value)
