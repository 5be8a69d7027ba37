"""The project against the golden figures of the original: counts, mutations, checkpoints, Zen-scores.

python benchmarks/exactness.py            about 5 minutes on two cores
python benchmarks/exactness.py --quick    without Monte-Carlo
"""

import hashlib
import math
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import GOLDEN, golden, header, row, spearman
from zen_lightning.arch import Architecture
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo
from zen_lightning.space import search_space

READINGS = ("batch", "running")


def counts(entries: list[dict[str, Any]]) -> None:
    exact = 0
    for entry in entries:
        arch = Architecture.parse(entry["structure"])
        classes, size = entry["num_classes"], entry["resolution"]
        ours = (
            arch.num_params(classes),
            arch.num_params(classes, use_se=True),
            arch.flops(size, classes),
            arch.flops(size, classes, use_se=True),
            arch.num_layers,
            str(arch.split()),
        )
        theirs = tuple(entry[key] for key in ("params", "params_se", "macs", "macs_se", "layers", "split"))
        exact += ours == theirs
    row("structures: params, FLOPs, layers, split", f"{exact} of {len(entries)} exact", "all exact", exact == len(entries))


def mutations() -> None:
    entries = golden("mutations.json")
    same = 0
    for entry in entries:
        arch = Architecture.parse(entry["structure"])
        choices = search_space(entry["space"]).choices(arch, entry["block"])
        digest = hashlib.sha256("\n".join(choices).encode()).hexdigest()
        same += len(choices) == entry["count"] and digest == entry["sha256"]
    row("sets of allowed replacements", f"{same} of {len(entries)} identical", "all identical", same == len(entries))


def checkpoints() -> None:
    import torch

    from zen_lightning.nets import build_network, load_original_checkpoint

    worst = 0.0
    for name in ("original_checkpoint.pt", "original_checkpoint_se.pt"):
        entry = torch.load(GOLDEN / name, weights_only=True)
        network = build_network(Architecture.parse(entry["structure"]), entry["num_classes"], entry["use_se"]).eval()
        with tempfile.TemporaryDirectory() as folder:
            torch.save(entry["checkpoint"], Path(folder) / "original.pth")
            load_original_checkpoint(network, Path(folder) / "original.pth")
        with torch.no_grad():
            features, logits = network.stage_features(entry["input"], entry["target_downsample_ratio"])
        for ours, theirs in zip([*features, logits], [*entry["stage_features"], entry["logits"]], strict=True):
            worst = max(worst, (ours - theirs).abs().max().item())
    row("original checkpoints: logits and stage features", f"max difference {worst:.1e}", "below 1e-5", worst < 1e-5)


def closed_form(entries: list[dict[str, Any]]) -> None:
    for index, reading in enumerate(READINGS):
        truth = [entry["zen"][f"{reading}_variance"]["mean"] for entry in entries]
        ours = [ZenClosedForm(e["resolution"]).readings(Architecture.parse(e["structure"]))[index] for e in entries]
        errors = [abs(a / b - 1) for a, b in zip(ours, truth, strict=True)]
        correlation = spearman(ours, truth)
        row(f"closed form, {reading}: rank correlation", f"{correlation:.5f}", "at least 0.999", correlation >= 0.999)
        measured = f"{max(errors):.2%} (mean {statistics.fmean(errors):.2%})"
        row(f"closed form, {reading}: largest relative error", measured, "at most 1.5%", max(errors) <= 0.015)


def monte_carlo(entries: list[dict[str, Any]]) -> None:
    worst = dict.fromkeys(READINGS, 0.0)
    for entry in entries:
        arch = Architecture.parse(entry["structure"])
        repeats = 10 if arch.flops(entry["resolution"]) < 1e9 else 4
        proxy = ZenMonteCarlo(entry["resolution"], batch_size=entry["zen"]["batch_size"], repeats=repeats)
        draws = proxy.draws(arch, seed=1)
        for reading in READINGS:
            theirs = entry["zen"][f"{reading}_variance"]
            ours = [getattr(draw, reading) for draw in draws]
            # Both are draws of one distribution. A standard deviation of three or four draws is often far too small.
            spread = max(statistics.stdev(ours), theirs["std"])
            error = spread * math.sqrt(1 / repeats + 1 / entry["zen"]["repeats"])
            off = abs(statistics.fmean(ours) - theirs["mean"]) / error
            worst[reading] = max(worst[reading], off)
    for reading in READINGS:
        measured = f"at most {worst[reading]:.2f} standard errors over {len(entries)} structures"
        row(f"Monte-Carlo against golden means, {reading}", measured, "within 4", worst[reading] <= 4)


def main() -> None:
    header()
    entries = golden("architectures.json")
    scored = [entry for entry in entries if "zen" in entry]
    counts(entries)
    mutations()
    checkpoints()
    closed_form(scored)
    if "--quick" not in sys.argv:
        monte_carlo(scored)


if __name__ == "__main__":
    main()
