"""The Monte-Carlo score: seeds, repeats, and the definition written out a second time."""

import math
import statistics
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo

ARCH = Architecture.parse("SuperConvK3BNRELU(3,16,1,1)SuperResK3K3(16,24,2,16,1)SuperResK3K3(24,32,2,16,1)")
NORMS = 5


def test_repeats_are_independent_draws_with_their_mean_and_error() -> None:
    four = ZenMonteCarlo(16, "batch", batch_size=4, repeats=4)
    draws = [draw.batch for draw in four.draws(ARCH, seed=3)]
    assert len(set(draws)) == 4
    score = four.score(ARCH, seed=3)
    assert score.value == pytest.approx(statistics.fmean(draws))
    assert score.standard_error == pytest.approx(statistics.stdev(draws) / 2)


def test_four_repeats_begin_with_the_draws_of_two() -> None:
    two, four = (ZenMonteCarlo(16, batch_size=4, repeats=repeats).draws(ARCH, seed=3) for repeats in (2, 4))
    assert four[:2] == two


def test_one_repeat_has_no_standard_error() -> None:
    assert ZenMonteCarlo(16, batch_size=4).score(ARCH).standard_error is None


def test_repeats_of_other_seeds_do_not_overlap() -> None:
    draws = [draw for seed in range(4) for draw in ZenMonteCarlo(8, batch_size=2, repeats=4).draws(ARCH, seed)]
    assert len(set(draws)) == 16


def test_the_running_variance_starts_anew_in_each_repeat() -> None:
    batch, running = ZenClosedForm(16).readings(ARCH)
    for draw in ZenMonteCarlo(16, batch_size=8, repeats=5).draws(ARCH, seed=0):
        assert draw.batch - draw.running == pytest.approx(batch - running, rel=0.05)


def test_the_running_reading_lies_below_the_batch_reading() -> None:
    for draw in ZenMonteCarlo(16, batch_size=8, repeats=3).draws(ARCH, seed=1):
        assert 0.6 * NORMS < draw.batch - draw.running < 0.5 * math.log(1 / 0.19) * NORMS


def test_the_definition_written_out() -> None:
    seen: list[tuple[dict[str, Tensor], Tensor]] = []

    def spy(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen.append(({key: value.clone() for key, value in module.state_dict().items()}, inputs[0].clone()))

    def network() -> nn.Sequential:
        first = (nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8, eps=1e-3), nn.ReLU())
        second = (nn.Conv2d(8, 12, 3, stride=2), nn.BatchNorm2d(12, eps=1e-3), nn.ReLU())
        return nn.Sequential(*first, *second, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 5))

    scored = network()
    scored.register_forward_pre_hook(spy)
    (draw,) = ZenMonteCarlo(16, batch_size=6, gamma=0.02).draws(scored, seed=7)

    (state, images), (_, moved) = seen
    assert images.shape == (6, 3, 16, 16)
    assert (moved - images).std().item() == pytest.approx(0.02, rel=0.1)
    assert images.std().item() == pytest.approx(1, rel=0.1)
    assert state["3.weight"].std().item() == pytest.approx(1, rel=0.1)
    assert not state["0.bias"].any()
    assert not state["3.bias"].any()

    again = network().train()
    again.load_state_dict({key: value for key, value in state.items() if "running" not in key}, strict=False)
    features, norms = again[:6], (again[1], again[4])
    with torch.no_grad():
        variances = [
            again[0](images).var((0, 2, 3), unbiased=False).mean(),
            again[:4](images).var((0, 2, 3), unbiased=False).mean(),
        ]
        for norm in norms:
            assert isinstance(norm, nn.BatchNorm2d)
            norm.reset_running_stats()
        difference = (features(images) - features(moved)).abs().sum((1, 2, 3)).mean().log().item()
    batch = difference + sum(0.5 * variance.log().item() for variance in variances)
    running = difference + sum(0.5 * norm.running_var.mean().log().item() for norm in norms)
    assert draw.batch == pytest.approx(batch, abs=1e-4)
    assert draw.running == pytest.approx(running, abs=1e-4)


def test_each_repeat_draws_weights_and_images_anew() -> None:
    seen: list[tuple[Tensor, Tensor]] = []
    conv = nn.Conv2d(3, 8, 3)
    conv.register_forward_pre_hook(lambda module, inputs: seen.append((module.weight.clone(), inputs[0].clone())))
    ZenMonteCarlo(8, batch_size=2, repeats=2).score(nn.Sequential(conv, nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d(1)))
    (weight, images), (weight_again, _), (other_weight, other_images), _ = seen
    assert torch.equal(weight, weight_again)
    assert not torch.isclose(weight, other_weight).any()
    assert torch.isclose(images, other_images).float().mean() < 0.01


def test_noise_shrinks_with_the_batch() -> None:
    small, large = (
        statistics.stdev(draw.batch for draw in ZenMonteCarlo(8, batch_size=size, repeats=24).draws(ARCH)) for size in (2, 64)
    )
    assert large < small


@pytest.mark.parametrize("size", [17, 33])
def test_odd_resolutions_agree_with_the_closed_form(size: int) -> None:
    score = ZenMonteCarlo(size, batch_size=8, repeats=4).score(ARCH)
    assert score.value == pytest.approx(ZenClosedForm(size).score(ARCH).value, rel=0.02)


@pytest.mark.parametrize("option", ["resolution", "batch_size", "repeats"])
def test_options_must_be_positive(option: str) -> None:
    with pytest.raises(UserError, match=f"{option}=0: expected 1 or more"):
        ZenMonteCarlo(**{option: 0})


def test_scores_of_a_chain_differ_for_different_networks() -> None:
    texts = [f"SuperConvK3BNRELU(3,{width},1,1)" for width in (8, 16, 32, 64)]
    scores = [ZenMonteCarlo(16, batch_size=4).score(Architecture.parse(text)).value for text in texts]
    assert all(a < b for a, b in pairwise(scores))
