"""Teachers of both kinds with random weights, and a network of the other language."""

import os
from pathlib import Path

from bench import Bench, history_of

_ZOO = "zennet_cifar10_model_size05M_res32"
_TIMM = "mobilenetv3_small_050"
_STUDENTS = {
    "zoo": "SuperConvK3BNRELU(3,16,2,1)SuperResK3K3(16,24,2,16,1)SuperResK3K3(24,32,2,24,1)",
    "timm": "SuperConvK3BNRELU(3,8,4,1)SuperResK3K3(8,16,2,8,1)SuperResK3K3(16,24,2,16,1)SuperResK3K3(24,32,2,24,1)",
}
"""With features where the teachers have theirs: at 1/4 and 1/8, and at 1/16 and 1/32."""

_CELL = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"


def teachers(bench: Bench) -> None:
    """Distil from a published network, whose file is made here, and from a network of timm."""
    from original_file import original_bytes
    from zen_lightning import zoo

    os.environ["ZEN_LIGHTNING_ZOO"] = str(bench.shared / "zoo")
    path: Path = zoo.checkpoint_path(_ZOO)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(original_bytes(zoo.create(_ZOO)))
    of_zoo = ["teacher=zoo", f"teacher.arch={_ZOO}", "distillation.first_ratio=4", "teacher.image_size=16"]
    of_timm = ["teacher=timm", f"teacher.model={_TIMM}", "teacher.pretrained=false", "teacher.image_size=64"]
    more = {
        "zoo": [*of_zoo, "resolution=16"],
        # Its classes are those of ImageNet: it teaches its features alone.
        "timm": [*of_timm, "distillation.first_ratio=16", "distillation.logit_weight=0", "resolution=32"],
    }
    for name, keys in more.items():
        with bench.report.attempt(f"teacher {name}"):
            mixed = [f"trainer.precision={'bf16-mixed' if bench.on_gpu else '32-true'}"]
            result = bench.command(name, "task=distill", *bench.digits(f"arch={_STUDENTS[name]}", *keys, *mixed, epochs=2))
            losses = [row["train_loss"] for row in history_of(bench.folder / name)]
            bench.report.figure(f"{name} top-1", result["val_top1"])
            bench.report.check(f"{name} learns", losses[-1] < losses[0], str(losses))


def cell(bench: Bench) -> None:
    """Train a cell of NAS-Bench-201, in one process and as DDP of one, for which unused edges need a setting."""
    text = bench.folder / "cell.txt"
    text.write_text(_CELL + "\n")
    more = ["recipe.warmup_epochs=0", "limit=64" if bench.quick else "limit=512"]
    for name, keys in {"plain": [], "ddp": ["trainer.strategy=ddp"]}.items():
        with bench.report.attempt(f"cell {name}"):
            mixed = [f"trainer.precision={'bf16-mixed' if bench.on_gpu else '32-true'}"]
            result = bench.command(name, "task=train", *bench.digits(f"arch={text}", *more, *keys, *mixed, epochs=1))
            bench.report.figure(f"{name} top-1", result["val_top1"])
            bench.report.check(f"{name} ended", 0 <= result["val_top1"] <= 100)
