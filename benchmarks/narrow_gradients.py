"""Gradients of a strided 1 x 1 convolution on this CPU, channels last, against those in PyTorch's default layout.

    python benchmarks/narrow_gradients.py [--threads 1 2]

For each number of channels in, images of 8, 16 and 32 pixels: the largest relative difference of the gradient of the weights,
each in a process of its own, as oneDNN may end it. It is why there is with_safe_layout (training/memory_layout.py).
"""

import argparse
import multiprocessing
from multiprocessing.connection import Connection

import torch
from torch import Tensor, nn

from common import header

WIDTHS = (3, 4, 7, 8, 12, 15, 16, 24, 32)
SIDES = (8, 16, 32)
_IMAGES, _OUT = 64, 64


def difference(width: int, side: int, threads: int, told: Connection) -> None:
    """Send the relative difference."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    convolution, images = nn.Conv2d(width, _OUT, 1, stride=2, bias=False), torch.randn(_IMAGES, width, side, side)
    found = []
    for layout in (torch.contiguous_format, torch.channels_last):
        convolution.to(memory_format=layout)
        convolution.zero_grad()
        convolution(images.to(memory_format=layout)).square().sum().backward()
        gradient = convolution.weight.grad
        assert isinstance(gradient, Tensor)
        found.append(gradient.clone())
    told.send(float((found[1] - found[0]).abs().max() / found[0].abs().max()))


def measured(width: int, side: int, threads: int) -> str:
    """Return the difference, or how the process ended."""
    context = multiprocessing.get_context("fork")  # Each begins with PyTorch loaded; nothing has computed yet.
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=difference, args=(width, side, threads, theirs))
    process.start()
    theirs.close()
    process.join(60)
    if process.is_alive():
        process.kill()
        return "no end in 60 s"
    if process.exitcode:
        return f"signal {-process.exitcode}" if process.exitcode < 0 else f"exit {process.exitcode}"
    return f"{ours.recv():.1e}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    header()
    print(f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}")
    print("| threads | channels in |" + "".join(f" {side} px |" for side in SIDES))
    print("|---|---|" + "---|" * len(SIDES))
    for threads in options.threads:
        for width in WIDTHS:
            cells = [str(threads), str(width), *(measured(width, side, threads) for side in SIDES)]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
