"""Requirements on scores: finite, repeatable, of any seed, pickled, and without a trace in the random numbers of others."""

import math
import pickle
import random
from random import Random

import torch

from zen_lightning.arch import Architecture
from zen_lightning.proxy import RankedProxy, Score
from zen_lightning.testing.networks import CELLS, MOBILENET, RESNET
from zen_lightning.testing.proxies.suite import PROXY, Make, options_of, scored_or_reason


@PROXY.add
def _a_score_is_a_finite_float(factory: Make) -> None:
    for architecture in (RESNET, MOBILENET):
        score = factory().score(architecture)
        assert isinstance(score, Score)
        assert type(score.value) is float
        assert math.isfinite(score.value)


@PROXY.add
def _a_cell_has_a_finite_score_or_a_reason(factory: Make) -> None:
    for cell in CELLS:
        scored_or_reason(factory(), cell)


@PROXY.add
def _the_same_seed_gives_the_same_score(factory: Make) -> None:
    proxy = factory()
    first = proxy.score(RESNET, seed=5)
    proxy.score(MOBILENET, seed=6)
    assert proxy.score(RESNET, seed=5) == first
    assert factory().score(RESNET, seed=5) == first
    assert proxy.score(RESNET) == proxy.score(RESNET, seed=0)


@PROXY.add
def _the_standard_error_says_whether_there_is_noise(factory: Make) -> None:
    """Heavy tails may well have an error beyond their value; a count of few may be the same twice in a row."""
    scores = [factory().score(RESNET, seed=seed) for seed in (1, 2, 3)]
    if scores[0].standard_error == 0.0:
        assert scores[0] == scores[1] == scores[2]
    else:
        assert len({score.parts or score.value for score in scores}) > 1
        for score in scores:
            assert score.standard_error is None or 0 <= score.standard_error < math.inf


@PROXY.add
def _repeats_are_independent_draws(factory: Make) -> None:
    """The mean of two is as far from the first as its standard error says."""
    if "repeats" not in options_of(factory):
        return
    one, two = (factory(repeats=repeats).score(RESNET, seed=1) for repeats in (1, 2))
    assert one.standard_error is None
    assert len(one.parts) == len(two.parts)
    if two.standard_error is not None:
        assert math.isclose(abs(two.value - one.value), two.standard_error, rel_tol=1e-6)
    else:
        assert isinstance(factory(), RankedProxy)


@PROXY.add
def _pickling(factory: Make) -> None:
    proxy = factory()
    score = proxy.score(RESNET, seed=1)
    assert pickle.loads(pickle.dumps(proxy)).score(RESNET, seed=1) == score
    assert pickle.loads(pickle.dumps(score)) == score


@PROXY.add
def _it_has_a_name(factory: Make) -> None:
    name = factory().name
    assert name.isidentifier()
    assert name == name.lower()


@PROXY.add
def _global_random_numbers_are_left_alone(factory: Make) -> None:
    before, before_python = torch.get_rng_state(), random.getstate()
    factory().score(RESNET, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert random.getstate() == before_python


@PROXY.add
def _any_seed_will_do(factory: Make) -> None:
    for seed in (-1, 2**31, Random(0).getrandbits(64)):
        assert math.isfinite(factory().score(MOBILENET, seed=seed).value)


@PROXY.add
def _gradients_may_be_off(factory: Make) -> None:
    expected = factory().score(MOBILENET, seed=1)
    with torch.no_grad():
        assert factory().score(MOBILENET, seed=1) == expected
    assert torch.is_grad_enabled()


@PROXY.add
def _an_extreme_architecture_has_a_finite_score_or_a_reason(factory: Make) -> None:
    for text in ("SuperConvK7BNRELU(3,8,100,2)", "SuperConvK1BNRELU(3,1,1,30)", "SuperResIDWE1K7(3,1,1,1,1)"):
        scored_or_reason(factory(), Architecture.parse(text))
