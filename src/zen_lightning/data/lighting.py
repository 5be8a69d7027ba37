"""The colour shift of AlexNet (A. Krizhevsky, I. Sutskever, G. Hinton, 2012, section 4.1)."""

import torch
from torch import Tensor

# Eigenvalues and eigenvectors (columns) of the covariance of ImageNet's RGB values from 0 to 1, as the field uses them since
# fb.resnet.torch (https://github.com/facebookarchive/fb.resnet.torch/blob/master/datasets/imagenet.lua).
EIGENVALUES = (0.2175, 0.0188, 0.0045)
EIGENVECTORS = ((-0.5675, 0.7192, 0.4009), (-0.5808, -0.0045, -0.8140), (-0.5836, -0.6948, 0.4203))


class Lighting:
    """Draw one colour along the principal components of ImageNet's colours, to be added to every pixel of an image.

    The colour is the sum over the components of N(0, ``std``) times eigenvalue times eigenvector. It is added to values from 0
    to 1, before normalisation; they may leave that range.

    Args:
        std: standard deviation of the three factors.
    """

    def __init__(self, std: float) -> None:
        self._std = std
        self._components = torch.tensor(EIGENVECTORS) * torch.tensor(EIGENVALUES)

    def draw(self) -> Tensor:
        """Return a colour, float32, shape (3,), drawn from torch's default generator for the CPU."""
        return self._components @ torch.normal(0.0, self._std, (3,))
