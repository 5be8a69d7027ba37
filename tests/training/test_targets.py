"""Smoothed labels, mixed images, the loss."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from zen_lightning.training.targets import (
    cut_mix,
    mix_up,
    mixed,
    smooth_targets,
    soft_binary_cross_entropy,
    soft_cross_entropy,
    step_generator,
)


def test_smoothed_targets_are_those_of_pytorch() -> None:
    logits, labels = torch.randn(6, 5), torch.tensor([0, 4, 2, 2, 1, 3])
    expected = functional.cross_entropy(logits, labels, label_smoothing=0.1)
    assert float(soft_cross_entropy(logits, smooth_targets(labels, 5, 0.1))) == pytest.approx(float(expected), abs=1e-6)


def test_mixing_is_one_coefficient_and_one_permutation() -> None:
    images, targets = torch.randn(7, 3, 2, 2), torch.eye(7)
    blended, soft = mix_up(images, targets, 0.2, np.random.default_rng(5))
    twin = np.random.default_rng(5)
    kept, partner = twin.beta(0.2, 0.2), twin.permutation(7)
    assert torch.allclose(blended, kept * images + (1 - kept) * images[partner], atol=1e-6)
    assert torch.allclose(soft, kept * targets + (1 - kept) * targets[partner], atol=1e-6)
    assert torch.allclose(soft.sum(1), torch.ones(7))


def test_coefficients_are_betas() -> None:
    images, targets = torch.zeros(2, 1, 1, 1), torch.eye(2)
    kept = []
    for step in range(2000):
        soft = mix_up(images, targets, 0.2, step_generator(0, 0, step, 0))[1]
        kept.append(float(soft.max()))
    mean = np.mean([max(x, 1 - x) for x in np.random.default_rng(1).beta(0.2, 0.2, 200_000)])
    # Half of the permutations of two change nothing.
    assert np.mean(kept) == pytest.approx((1 + mean) / 2, abs=0.01)


def test_alpha_zero_mixes_nothing() -> None:
    images, targets = torch.randn(4, 3, 2, 2), torch.eye(4)
    assert mix_up(images, targets, 0.0, np.random.default_rng(0)) == (images, targets)


def test_steps_have_numbers_of_their_own() -> None:
    keys = [(0, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0), (0, 0, 0, 1), (1, 0, 0, 0)]
    assert len({step_generator(*key).integers(2**63) for key in keys}) == len(keys)
    assert step_generator(1, 2, 3, 4).integers(2**63) == step_generator(1, 2, 3, 4).integers(2**63)


def test_cut_mix_pastes_a_rectangle_by_its_area() -> None:
    images = torch.arange(6.0)[:, None, None, None].expand(6, 3, 16, 16).contiguous()
    targets = smooth_targets(torch.arange(6), 6, 0.0)
    shares = []
    for number in range(50):
        pasted, soft = cut_mix(images, targets, 1.0, step_generator(0, 0, number, 0))
        for index, image in enumerate(pasted):
            own = float((image[0] == index).float().mean())
            assert soft[index, index] >= own - 1e-6
            assert soft[index].sum() == pytest.approx(1)
            if own < 1:
                (other,) = set(image[0].flatten().tolist()) - {float(index)}
                assert soft[index, int(other)] == pytest.approx(1 - own, abs=1e-5)
        shares.append(float(soft[0, 0]))
    assert len(set(shares)) > 20
    assert torch.equal(images[:, 0, 0, 0], torch.arange(6.0))


def test_of_mixup_and_cut_mix_each_batch_takes_one() -> None:
    images, targets = torch.rand(4, 3, 8, 8), smooth_targets(torch.arange(4), 4, 0.0)
    for mixup, cutmix in ((0.0, 0.0), (0.3, 0.0)):  # As before there was CutMix, to the bit.
        one = mixed(images, targets, mixup, cutmix, step_generator(1, 2, 3, 0))
        other = mix_up(images, targets, mixup, step_generator(1, 2, 3, 0))
        assert all(torch.equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))
    kinds = set()
    for number in range(40):
        found, _ = mixed(images, targets, 1.0, 1.0, step_generator(0, 0, number, 0))
        whole = (found[:, None] == images[None]).all(2).any(1)  # Pixels that are those of one image.
        kinds.add(bool(whole.all()))
    assert kinds == {True, False}


def test_binary_cross_entropy_of_soft_targets() -> None:
    logits, targets = torch.tensor([[2.0, -1.0]]), torch.tensor([[0.9, 0.1]])
    expected = -(0.9 * math.log(1 / (1 + math.exp(-2))) + 0.1 * math.log(1 - 1 / (1 + math.exp(-2)))) / 2
    expected -= (0.1 * math.log(1 / (1 + math.e)) + 0.9 * math.log(1 - 1 / (1 + math.e))) / 2
    assert float(soft_binary_cross_entropy(logits, targets)) == pytest.approx(expected, rel=1e-5)
