"""Condition number of the neural tangent kernel (TE-NAS, https://arxiv.org/abs/2102.11535, Section 3.1)."""

import torch
from torch import nn

from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.failures import require_finite
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class NtkConditionNumber(NetworkProxy):
    """Minus the condition number of the kernel of the gradients: its largest eigenvalue over its smallest.

    Entry (i, j) of the kernel is the product of the gradients of images i and j: the gradient of the summed logits of an image
    by every parameter named weight. The smaller the condition number, the easier the network is to train, so its sign is
    flipped.

    ``released``: the same, with PyTorch's default initialisation instead of Kaiming's.
    """

    name = "ntk"
    variants = ("paper", "released")
    weights = {"paper": "kaiming", "released": "default"}  # noqa: RUF012

    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return minus the condition number."""
        images, _ = draw.batch()
        weights = [parameter for name, parameter in network.named_parameters() if name.endswith("weight")]
        logits = network(images)
        rows = []
        for index in range(len(images)):
            per_weight = torch.autograd.grad(
                logits[index].sum(), weights, retain_graph=index + 1 < len(images), allow_unused=True
            )
            rows.append(torch.cat([g.flatten() for g in per_weight if g is not None]))
        jacobian = torch.stack(rows)
        require_finite(jacobian, self.name)
        eigenvalues: list[float] = torch.linalg.eigvalsh((jacobian @ jacobian.T).double()).tolist()
        lowest, highest = eigenvalues[0], eigenvalues[-1]
        # The usual bound on the rounding of a symmetric eigenvalue: below it, the lowest one is noise.
        if lowest <= len(rows) * torch.finfo(jacobian.dtype).eps * highest:
            raise CannotScoreError(
                f"the tangent kernel is singular (eigenvalues from {lowest:.3g} to {highest:.3g}): no condition number"
            )
        return -highest / lowest
