"""Jacobian covariance (https://arxiv.org/abs/2006.04647v1; as a proxy https://arxiv.org/abs/2101.08134)."""

import torch
from torch import nn

from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.failures import require_finite
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy

_K = 1e-5
"""The paper's k, https://arxiv.org/abs/2006.04647v1."""


class JacobCov(NetworkProxy):
    """``- sum of ln(l + k) + 1 / (l + k)``, l the eigenvalues of the correlation matrix of the images' Jacobians, k = 1e-5.

    The Jacobian of an image is the gradient of the batch's summed logits with respect to it; batch norms are in training mode.
    """

    name = "jacob_cov"

    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the sum."""
        if self.batch_size < 2:
            raise CannotScoreError("jacob_cov correlates images", key="batch_size", value=self.batch_size, expected="2 or more")
        images, _ = draw.batch()
        images.requires_grad_()
        (jacobian,) = torch.autograd.grad(network(images).sum(), images)
        require_finite(jacobian, self.name)
        correlation = torch.corrcoef(jacobian.flatten(1).double())
        if not correlation.isfinite().all():
            raise CannotScoreError("the Jacobian of an image is the same everywhere: its correlations are not defined")
        eigenvalues = torch.linalg.eigvalsh(correlation).clamp(min=0) + _K
        return -float((eigenvalues.log() + 1 / eigenvalues).sum())
