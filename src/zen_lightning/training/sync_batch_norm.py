"""Batch norms over the batches of all processes, on CPUs, for which PyTorch has none."""

from typing import Any

import torch
import torch.distributed as dist
from pytorch_lightning.plugins.layer_sync import LayerSync
from torch import Tensor, nn


class CpuSyncBatchNorm2d(nn.BatchNorm2d):
    """A batch norm whose mean and variance in training are those of the images of all processes."""

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the normalised feature map."""
        if not self.training or not dist.is_initialized() or dist.get_world_size() == 1:
            return super().forward(x_bchw)
        dtype, x_bchw = x_bchw.dtype, x_bchw.float()
        count = torch.tensor([x_bchw.numel() / x_bchw.shape[1]])
        sums = _summed(torch.cat([x_bchw.sum((0, 2, 3)), count]))
        total = sums[-1].detach()
        mean = sums[:-1] / total
        centred = x_bchw - mean[:, None, None]
        variance = _summed(centred.square().sum((0, 2, 3))) / total
        self._follow(mean.detach(), variance.detach() * total / (total - 1))
        out = centred * torch.rsqrt(variance + self.eps)[:, None, None]
        if self.affine:
            out = torch.addcmul(self.bias[:, None, None], out, self.weight[:, None, None])
        return out.to(dtype)

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked += 1
        momentum = self.momentum if self.momentum is not None else 1 / float(self.num_batches_tracked)
        self.running_mean.lerp_(mean, momentum)
        self.running_var.lerp_(variance, momentum)


def _summed(local: Tensor) -> Tensor:
    """Return the sum over all processes; gradients go back to all of them."""
    total: Tensor = _Sum.apply(local)
    return total


class _Sum(torch.autograd.Function):
    """The sum over all processes. What each loses by the sum, it loses by every summand: gradients are summed as well."""

    @staticmethod
    def forward(ctx: Any, local: Tensor) -> Tensor:
        total = local.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone()
        dist.all_reduce(total)
        return total


class CpuLayerSync(LayerSync):
    """Lets Lightning put :class:`CpuSyncBatchNorm2d` in the place of batch norms."""

    def apply(self, model: nn.Module) -> nn.Module:
        """Return the module with its batch norms replaced."""
        return _converted(model, nn.BatchNorm2d, CpuSyncBatchNorm2d)

    def revert(self, model: nn.Module) -> nn.Module:
        """Return the module with its batch norms as they were."""
        return _converted(model, CpuSyncBatchNorm2d, nn.BatchNorm2d)


def _converted(module: nn.Module, old: type[nn.BatchNorm2d], new: type[nn.BatchNorm2d]) -> nn.Module:
    for part in module.modules():
        if type(part) is old:
            part.__class__ = new
    return module
