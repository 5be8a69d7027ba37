"""Random erasing (Z. Zhong et al., 2017, https://arxiv.org/abs/1708.04896)."""

import torch
from torch import Tensor
from torchvision.transforms import RandomErasing

AREA, RATIO = (0.02, 0.33), (0.3, 3.3)
"""Share of the image's area, and height / width: those of the Zen-NAS recipe, close to the paper's (0.02 to 0.4)."""


class Erasing:
    """Draw the rectangle of an image that is erased.

    Its area is 2 to 33% of the image's, its height / width is 0.3 to 3.3 (its logarithm uniform), its place uniform.

    Args:
        probability: probability that an image is erased.
        image_size: height and width of the image.
    """

    def __init__(self, probability: float, image_size: int) -> None:
        self._probability = probability
        self._size = image_size
        self._image = torch.empty(1, 1, 1).expand(3, image_size, image_size)  # Only its shape is looked at.

    def draw(self) -> Tensor:
        """Return top, left, bottom, right, the last two exclusive; int64, shape (4,), zeros for none.

        It is drawn from torch's default generator for the CPU.
        """
        if torch.rand(1).item() >= self._probability:
            return torch.zeros(4, dtype=torch.int64)
        top, left, height, width, _ = RandomErasing.get_params(self._image, AREA, RATIO, [0.0])
        if height == width == self._size:  # The answer of torchvision where ten rectangles did not fit.
            return torch.zeros(4, dtype=torch.int64)
        return torch.tensor([top, left, top + height, left + width])
