"""The learning rates and the zoo of the original, and two processes against one: what training must agree with.

python benchmarks/golden_training.py
"""

import json
import subprocess
import sys

from common import ROOT, golden, header, row
from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.training.schedule import Schedule


def learning_rates() -> None:
    worst, beyond, count = 0.0, 0, 0
    for case in golden("lr_schedule.json"):
        keys = ("base_lr", "train_images", "epochs", "warmup_epochs", "target_lr", "mode")
        schedule = Schedule(*(case[key] for key in keys))
        for value in case["values"]:
            count += 1
            lr = schedule.at(value["epoch"], value["batch_in_epoch"], case["global_batch"])
            if case["mode"] == "linear" and value["lr"] < case["target_lr"]:
                beyond += 1
                assert lr == case["target_lr"], "held at the target, where the original goes one part in T beyond"
                continue
            worst = max(worst, abs(lr - value["lr"]) / abs(value["lr"]))
    held = f"{beyond} held at the target by design"
    what = f"largest relative difference {worst:.1e} over {count - beyond} of {count} values; {held}"
    row("golden/lr_schedule.json", what, "all values, relative 1e-6", worst <= 1e-6)


def published() -> None:
    same = 0
    for known in golden("zoo.json"):
        entry = zoo.entry(known["name"])
        architecture = Architecture.parse(entry.structure)
        params = architecture.num_params(entry.num_classes, entry.use_se)
        flops = architecture.flops(entry.resolution, entry.num_classes, entry.use_se)
        built = sum(parameter.numel() for parameter in zoo.create(known["name"]).parameters())
        ours = (entry.structure, params, built, flops)
        same += ours == (known["structure"], known["params"], known["params"], known["macs"])
    row("golden/zoo.json: structures, params (counted and built), FLOPs", f"{same} of 15 exact", "exact", same == 15)


def processes() -> None:
    script = ROOT / "tests" / "training" / "loss_curve.py"
    curves = []
    for arguments in (["1"], ["2", "sync"]):
        done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=True)
        curves.append(json.loads(done.stdout.splitlines()[-1])["losses"])
    difference = max(abs(one - two) for one, two in zip(*curves, strict=True))
    what = f"largest difference of {len(curves[0])} losses: {difference:.1e}"
    row("two gloo processes against one, sync batch norm", what, "within 1e-4 for 20 steps", difference <= 1e-4)


if __name__ == "__main__":
    header()
    learning_rates()
    published()
    processes()
