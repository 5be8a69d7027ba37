"""Monte-Carlo Zen-scores of random networks with linear outputs, and how close the closed form is to them.

    python benchmarks/mbconv_truth.py             report on data/mbconv_truth.jsonl
    python benchmarks/mbconv_truth.py --more 300  first draw more networks for 300 seconds and score them

``accel`` are uniform draws from Accel-NASBench; ``free`` are rows of MBConv whose widths, expansions, kernels, depths, strides
and ends are drawn; ``transnas`` and ``macro`` are uniform draws from those spaces. No constant of the closed form was fitted to
any of them. Batches of 16 images, 8 draws at 32 and 64 px, 2 at 224 and 256 px.
"""

import argparse
import json
import random
import statistics
import time
from pathlib import Path
from typing import Any

from common import header, spearman
from zen_lightning.arch import Architecture, BaseArchitecture, parse_architecture
from zen_lightning.arch.accel_nasbench import STAGES, AccelArchitecture
from zen_lightning.arch.nas_bench_macro import MacroArchitecture
from zen_lightning.arch.super_res import round_to_8
from zen_lightning.arch.transnas_macro import TransNasArchitecture
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo

TRUTH = Path(__file__).parent / "data" / "mbconv_truth.jsonl"
REPEATS = {32: 8, 64: 8, 224: 2, 256: 2}
READINGS = ("batch", "running")


def accel(rng: random.Random) -> BaseArchitecture:
    """Return a uniform draw from Accel-NASBench."""
    stages = []
    for number in range(len(STAGES)):
        layers = rng.choice((1, 2, 3, 4) if number == 5 else (1, 2, 3))
        stages.append(f"e{rng.choice((1, 4, 6))}k{rng.choice((3, 5))}l{layers}s{rng.choice((0, 1))}")
    return AccelArchitecture(stages)


def free(rng: random.Random) -> BaseArchitecture:
    """Return a row of MBConv of any shape; every third ends without a 1 x 1 convolution, and so without relu."""
    channels = rng.choice((8, 16, 24, 32, 48))
    text = f"SuperConvK{rng.choice((3, 5))}BNRELU(3,{channels},2,1)"
    strides = [2] * rng.choice((2, 3, 4)) + [1] * rng.choice((0, 1, 2, 3))
    rng.shuffle(strides)
    for stride in strides:
        out = round_to_8(channels * rng.choice((0.75, 1, 1.25, 1.5, 2, 2.5)))
        name = f"MBConvE{rng.choice((1, 2, 3, 4, 6))}K{rng.choice((3, 5, 7))}"
        text += f"{name}({channels},{out},{stride},{rng.choice((1, 1, 2, 3, 4, 6))})"
        channels = out
    if rng.random() < 2 / 3:
        text += f"SuperConvK1BNRELU({channels},{rng.choice((320, 640, 1280, 1920))},1,1)"
    return Architecture.parse(text)


def macro(rng: random.Random) -> BaseArchitecture:
    """Return a uniform draw from NAS-Bench-Macro."""
    return MacroArchitecture([rng.choice("012") for _ in range(8)])


def transnas(rng: random.Random) -> BaseArchitecture:
    """Return a draw from TransNAS-Bench-101's macro space."""
    while True:
        code = [rng.choice("1234") for _ in range(rng.choice((4, 5, 6)))]
        if 1 <= sum(d in "24" for d in code) <= 3 and 1 <= sum(d in "34" for d in code) <= 4:
            return TransNasArchitecture(code)


KINDS = {"accel": (accel, (64, 224)), "free": (free, (64, 224)), "macro": (macro, (32,)), "transnas": (transnas, (256,))}


def draw_more(seconds: float, seed: int, kind: str, resolution: int, most: int) -> None:
    """Append scored random networks to the file of truths."""
    rng = random.Random(f"{kind} {resolution} {seed}")
    began = time.monotonic()
    with TRUTH.open("a") as file:
        for _ in range(most):
            if time.monotonic() - began > seconds:
                return
            arch = KINDS[kind][0](rng)
            draws = ZenMonteCarlo(resolution, repeats=REPEATS[resolution]).draws(arch, rng.randrange(2**40))
            entry: dict[str, Any] = {"architecture": str(arch), "resolution": resolution, "kind": kind}
            entry |= {reading: [round(getattr(draw, reading), 4) for draw in draws] for reading in READINGS}
            file.write(json.dumps(entry) + "\n")
            file.flush()


def compare(entries: list[dict[str, Any]], reading: int) -> tuple[list[float], float]:
    """Return relative errors, and the rank correlation."""
    truth = [statistics.fmean(entry[READINGS[reading]]) for entry in entries]
    ours = [ZenClosedForm(e["resolution"]).readings(parse_architecture(e["architecture"]))[reading] for e in entries]
    return [a / b - 1 for a, b in zip(ours, truth, strict=True)], spearman(ours, truth)


def report(entries: list[dict[str, Any]]) -> None:
    """Print a row for each kind of network and resolution, for MBConv networks together, and for each reading."""
    groups = [(f"{kind} at {size} px", (kind,), size) for kind, size in sorted({(e["kind"], e["resolution"]) for e in entries})]
    groups += [(f"MBConv at {size} px", ("accel", "free"), size) for size in (64, 224)]
    for what, kinds, resolution in groups:
        chosen = [e for e in entries if e["kind"] in kinds and e["resolution"] == resolution]
        for reading, name in enumerate(READINGS):
            found, correlation = compare(chosen, reading)
            size = sorted(abs(e) for e in found)
            noise = statistics.fmean(
                statistics.stdev(e[name]) / len(e[name]) ** 0.5 / statistics.fmean(e[name]) for e in chosen
            )
            print(
                f"| {len(chosen)} {what} | {name} | mean {statistics.fmean(size):.2%} | "
                f"largest {size[-1]:.2%} | bias {statistics.fmean(found):+.2%} | Spearman {correlation:.4f} | "
                f"standard error of the truth {noise:.2%} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--more", type=float, default=0, help="seconds to draw more networks for")
    parser.add_argument("--most", type=int, default=1_000, help="networks to draw at most")
    parser.add_argument("--kind", choices=sorted(KINDS), default="accel")
    parser.add_argument("--resolution", type=int, choices=sorted(REPEATS), default=64)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    header()
    if options.more:
        draw_more(options.more, options.seed, options.kind, options.resolution, options.most)
    report([json.loads(line) for line in TRUTH.read_text().splitlines()])


if __name__ == "__main__":
    main()
