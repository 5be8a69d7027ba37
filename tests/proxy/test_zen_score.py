"""Scores in one call."""

import pytest
import torch
from torch import nn

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo
from zen_lightning.proxy.zen_score import zen_score

ARCH = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)")


@pytest.mark.parametrize("bn_variance", ["batch", "running"])
def test_closed_form(bn_variance: str) -> None:
    assert zen_score(ARCH, 32, bn_variance=bn_variance) == ZenClosedForm(32, bn_variance).score(ARCH).value


def test_defaults() -> None:
    assert zen_score(ARCH) == ZenClosedForm(224, "running").score(ARCH).value


@pytest.mark.parametrize("bn_variance", ["batch", "running"])
def test_monte_carlo(bn_variance: str) -> None:
    options = {"batch_size": 4, "repeats": 2, "gamma": 0.02}
    value = zen_score(ARCH, 16, estimator="monte_carlo", bn_variance=bn_variance, seed=3, **options)
    assert value == ZenMonteCarlo(16, bn_variance, **options).score(ARCH, seed=3).value


def test_modules_are_scored_by_monte_carlo() -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
    assert zen_score(module, 8, estimator="monte_carlo", batch_size=4) == ZenMonteCarlo(8, batch_size=4).score(module).value
    with pytest.raises(UserError, match="scores an Architecture, not a Sequential: ask for estimator='monte_carlo'"):
        zen_score(module, 8)


def test_the_closed_form_has_no_draws() -> None:
    with pytest.raises(UserError, match="the closed form has no batch_size, repeats: ask for estimator='monte_carlo'"):
        zen_score(ARCH, repeats=3, batch_size=8)


def test_unknown_estimator_and_reading() -> None:
    with pytest.raises(UserError, match=r"^estimator=montecarlo: did you mean 'monte_carlo'\? Choose from: closed_form"):
        zen_score(ARCH, estimator="montecarlo")
    for estimator in ("closed_form", "monte_carlo"):
        with pytest.raises(UserError, match=r"did you mean 'batch'\?"):
            zen_score(ARCH, 32, estimator=estimator, bn_variance="batches")


def test_global_random_numbers_do_not_matter() -> None:
    values = set()
    for seed in (1, 2):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            values.add(zen_score(ARCH, 16, estimator="monte_carlo", batch_size=2))
    assert len(values) == 1
