"""Networks and images that suites run things on: small, and of several kinds."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from torch import Tensor, nn
from torch.nn import functional

from zen_lightning.arch import Architecture
from zen_lightning.space import search_space

RESNET = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperResK1K5K1(16,24,2,8,1)")
MOBILENET = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)")
CELLS = [
    search_space("nas_bench_201").parse(text)
    for text in (
        "|nor_conv_1x1~0|+|skip_connect~0|none~1|+|skip_connect~0|avg_pool_3x3~1|none~2|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
    )
]


class Foreign(nn.Module):
    """Somebody's network: not a row of super-blocks, and relus are functions.

    Args:
        activation: between its layers.
        factor: its feature maps are multiplied by the square of it; a huge one lets it diverge.
    """

    def __init__(self, activation: Callable[[Tensor], Tensor] = functional.relu, factor: float = 1.0) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.second = nn.Conv2d(6, 8, 3, stride=2, bias=False)
        self.linear = nn.Linear(8, 10)
        self.activation = activation
        self.factor = factor

    def forward(self, images: Tensor) -> Tensor:
        """Return logits of shape (batch, 10)."""
        x_bchw = self.first(images) * self.factor * self.factor
        x_bchw = self.activation(self.second(self.activation(self.norm(x_bchw))))
        out: Tensor = self.linear(functional.adaptive_avg_pool2d(x_bchw, 1).flatten(1))
        return out


def write_images(root: Path, count: int = 32) -> Path:
    """Write a folder of two class folders of tiny images of noise, and return it."""
    from PIL import Image

    rng = Random(0)
    for index in range(count):
        folder = root / ("cats" if index % 2 else "dogs")
        folder.mkdir(parents=True, exist_ok=True)
        Image.frombytes("RGB", (20, 18), rng.randbytes(20 * 18 * 3)).save(folder / f"{index}.png")
    return root
