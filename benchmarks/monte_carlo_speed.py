"""One Monte-Carlo evaluation against the plain two forward passes of the same network, interleaved.

    python benchmarks/monte_carlo_speed.py

The plain passes are those of ``build_network(..., vanilla=True)`` in training mode without gradients, on images that exist
already. The evaluation builds and draws the network and the images too.
"""

import statistics
import time

import torch

from common import header, row
from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo

START = (
    "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperResK3K3(16,32,2,16,1)SuperResK3K3(32,64,2,32,1)"
    "SuperResK3K3(64,64,2,32,1)SuperConvK1BNRELU(64,128,1,1)"
)
REPEATS = 41


def main() -> None:
    header()
    arch = Architecture.parse(START)
    proxy = ZenMonteCarlo(resolution=32, batch_size=64)
    network = build_network(arch, num_classes=100, vanilla=True).train()
    images = torch.randn(64, 3, 32, 32)
    evaluation, passes = [], []
    for repeat in range(REPEATS):
        began = time.perf_counter()
        proxy.score(arch, seed=repeat)
        between = time.perf_counter()
        with torch.no_grad():
            network(images)
            network(images)
        evaluation.append(between - began)
        passes.append(time.perf_counter() - between)
    one, two = statistics.median(evaluation[5:]), statistics.median(passes[5:])
    measured = f"{1000 * one:.1f} ms against {1000 * two:.1f} ms: {one / two:.2f} times"
    row("one evaluation, batch 64, 32 px, params1M start", measured, "at most 1.10 times", one / two <= 1.10)


if __name__ == "__main__":
    main()
