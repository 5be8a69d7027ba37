"""Smoothed labels, mixed images, the loss."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from zen_lightning.training.targets import mix_up, smooth_targets, soft_cross_entropy, step_generator


def test_smoothed_targets_are_those_of_pytorch() -> None:
    logits, labels = torch.randn(6, 5), torch.tensor([0, 4, 2, 2, 1, 3])
    expected = functional.cross_entropy(logits, labels, label_smoothing=0.1)
    assert float(soft_cross_entropy(logits, smooth_targets(labels, 5, 0.1))) == pytest.approx(float(expected), abs=1e-6)


def test_mixing_is_one_coefficient_and_one_permutation() -> None:
    images, targets = torch.randn(7, 3, 2, 2), torch.eye(7)
    mixed, soft = mix_up(images, targets, 0.2, np.random.default_rng(5))
    twin = np.random.default_rng(5)
    kept, partner = twin.beta(0.2, 0.2), twin.permutation(7)
    assert torch.allclose(mixed, kept * images + (1 - kept) * images[partner], atol=1e-6)
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
