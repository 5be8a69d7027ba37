"""PCA lighting."""

import pytest
import torch

from zen_lightning.data.lighting import EIGENVALUES, EIGENVECTORS, Lighting


def test_colours_lie_along_the_components() -> None:
    torch.manual_seed(0)
    lighting = Lighting(0.1)
    drawn = torch.stack([lighting.draw() for _ in range(4000)])
    vectors, values = torch.tensor(EIGENVECTORS), torch.tensor(EIGENVALUES)
    expected = vectors @ torch.diag((0.1 * values) ** 2) @ vectors.T
    assert torch.allclose(torch.cov(drawn.T), expected, rtol=0.1, atol=5e-6)
    assert torch.allclose(vectors.T @ vectors, torch.eye(3), atol=1e-3)
    assert values.tolist() == pytest.approx([0.2175, 0.0188, 0.0045])
