"""Crafted structures, tables and datasets: code where a text belongs, pipes, links, and formulas."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from folder_crafted import SEARCH, TINY, TRAIN, Attack, Crafted, Sound, take_checksums
from folder_payloads import SECRET, Payloads


def texts(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make structures, tables, profiles, calibrations and headers that hold code where a text or a number belongs."""
    text = draw(st.sampled_from([
        payloads.expression, f"${{oc.env:{SECRET}}}", f"$({payloads.shell})", f"`{payloads.shell}`", f"; {payloads.shell}",
        f"pipe:{payloads.shell}", "evil:Proxy", "torchvision:os.system", "timm:local-dir:theirs", "timm:hf-hub:evil/evil",
        f"[{{'class': 'SuperResK3K3', 'x': {payloads.expression}}}]", "<script>zl()</script>", f"=cmd|'{payloads.shell}'!A0",
        f"{TINY}<script>zl()</script>", f"{{_target_: os.system, command: '{payloads.shell}'}}",
        f"{{{{ {payloads.expression} }}}}",
    ]))  # fmt: skip
    (theirs / "x.txt").write_text(f"{text}\n")
    (theirs / "best_structure.txt").write_text(f"{text}\n")
    rows = "\n".join(f'"{text.replace(chr(34), "")}",{number}' for number in (70, 71, 72))
    (theirs / "x.csv").write_text(f"architecture,top1\n{rows}\n")
    (theirs / "times.csv").write_text(f"architecture,ms\n{rows}\n")
    (theirs / "x.json").write_text(json.dumps({"zen_lightning_latency_profile": 1, "_target_": "os.system", "settings": text}))
    (theirs / "x.safetensors").write_bytes(payloads.safetensors({"architecture": text, "classes": text, "num_classes": text}))
    (theirs / "x.yaml").write_text(f"x: !!python/object/apply:os.system ['{payloads.shell}']\n")
    commands = [
        *([f"task={task}", "arch=theirs/x.txt"] for task in ("analyze", "score", "latency")),
        ["task=analyze", "arch=theirs"],
        ["task=train", "arch=theirs/x.txt", *TRAIN],
        [*SEARCH, "start=theirs/x.txt"],
        ["task=correlate", "accuracies=theirs/x.csv", "proxies=[params,flops]", "resolution=32"],
        ["task=profile", "networks=theirs/times.csv", "output=mine.json", "device=phone"],
        [*SEARCH, "budget.latency_ms=2", "latency.profile=theirs/x.json"],
        ["task=evaluate", "arch=theirs/x.safetensors", "dataset=digits", "trainer=cpu"],
        ["task=export", "arch=theirs/x.safetensors"],
        ["task=compare", "arch=[theirs/x.txt,theirs/x.safetensors]"],
        ["task=aggregate", "sweep=theirs"],
        ["task=report", "run=theirs"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=3, max_size=4, unique=True))
    return Attack(f"text {text}", [commands[number] for number in chosen])


def datasets(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make datasets: pickled arrays, PostScript under the name of an image, archives with members elsewhere, odd names."""
    pickled = payloads.pickled(draw(st.integers(0, 7)))
    array = np.empty(1, object)
    np.save(theirs / "array.npy", array, allow_pickle=True)
    contents = [pickled, payloads.postscript(), (theirs / "array.npy").read_bytes()]
    suffix = draw(st.sampled_from(["png", "jpg", "eps", "npy", "npz", "pkl", "webp", "tiff"]))
    odd = draw(
        st.sampled_from(["a", f"$({payloads.shell.replace('/', '_')})", "<script>zl()</script>".replace("/", "_"), "-rf"])
    )
    for part in ("train", "val"):
        for name in ("cat", odd):
            (theirs / part / name).mkdir(parents=True, exist_ok=True)
            for number, content in enumerate(contents):
                (theirs / part / name / f"{number}.{suffix}").write_bytes(content)
                (theirs / part / name / f"{number}.png").write_bytes(payloads.postscript())
        shard = payloads.tar(draw(st.sampled_from(["pyd", "pth", "pkl", "npy", "pickle"])), pickled)
        (theirs / f"{part}-000000.tar").write_bytes(shard)
    for folder, names in (
        ("cifar-10-batches-py", ("data_batch_1", "test_batch", "batches.meta")),
        ("cifar-100-python", ("train",)),
    ):
        (theirs / folder).mkdir()
        for name in names:
            (theirs / folder / name).write_bytes(pickled)
    commands = [
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=image_folder", "dataset.root=theirs", "dataset.corrupt=skip"],
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=image_folder", "dataset.root=theirs"],
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=cifar10", "dataset.root=theirs", "dataset.download=false"],
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=cifar100", "dataset.root=theirs", "dataset.download=false"],
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=webdataset", "dataset.root=theirs"],
        ["task=predict", f"arch={sound.train}", "images=theirs/train/cat"],
        ["task=score", f"arch={TINY}", "proxy=naswot", "dataset=image_folder", "dataset.root=theirs/train", "resolution=8"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=3, unique=True))
    return Attack(f"dataset of .{suffix}", [commands[number] for number in chosen])


def waiting(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make images and tables that are pipes, devices or links that lead back, beside sound ones."""
    for part in ("train", "val"):
        for name in ("a", "b"):
            (theirs / part / name).mkdir(parents=True)
            for number in range(2):
                Image.new("RGB", (8, 8), (100 * number, 0, 0)).save(theirs / part / name / f"{number}.png")
    place = theirs / draw(st.sampled_from(["train", "val"])) / "a"
    how = draw(st.sampled_from(["pipe", "zero", "environment", "up", "self", "root", "each other"]))
    targets = {"zero": "/dev/zero", "environment": "/proc/self/environ", "up": "../..", "self": ".", "root": str(theirs.parent)}
    names = ["odd.png", "odd.txt", "odd.tar", "odd.csv", "odd.json"] if how in ("pipe", "zero", "environment") else ["odd"]
    if how == "each other":  # As many ways through them as there are names for a step, to the power of the steps.
        for at in range(40):
            (theirs / "train" / "a" / f"b{at}").symlink_to("../b")
            (theirs / "train" / "b" / f"a{at}").symlink_to("../a")
    line = draw(
        st.sampled_from(["~nobody-here/x.png", "x" * 5000, "{" + "," * 9000, "{a,b}" * 99, "*/" * 99, "/dev/stdin", "\0", ".."])
    )
    (theirs / "list.txt").write_text(f"train/a/0.png\n{line}\n")
    for name in [] if how == "each other" else names:
        for where in (place, theirs):
            os.mkfifo(where / name) if how == "pipe" else (where / name).symlink_to(targets[how])
    data = ["task=train", f"arch={TINY}", *TRAIN[1:-2], "resolution=8", "trainer=cpu"]
    commands = [
        [*data, "dataset=image_folder", "dataset.root=theirs"],
        [*data, "dataset=image_folder", "dataset.root=theirs", "dataset.corrupt=skip"],
        [*data, "dataset=webdataset", "dataset.root=theirs"],
        ["task=predict", f"arch={sound.train}", "images=theirs/train"],
        ["task=predict", f"arch={sound.train}", f"images='theirs/{draw(st.sampled_from(['**/*.png', '*/*/*/*/*/*', '**']))}'"],
        ["-m", "task=predict", f"arch={sound.train}", "images=glob(theirs/**/*.png)"],
        ["task=predict", f"arch={sound.train}", "images=theirs/odd.png"],
        ["task=predict", f"arch={sound.train}", "images=theirs/odd.txt"],
        ["task=predict", f"arch={sound.train}", "images=theirs/list.txt"],
        ["task=score", f"arch={TINY}", "proxies=[{name:swap,batch_size:2}]", "dataset=image_folder", "dataset.root=theirs"],
        ["task=analyze", "arch=theirs/odd.txt"],
        ["task=correlate", "accuracies=theirs/odd.csv"],
        ["task=profile", "networks=theirs/odd.csv", "device=phone", "output=odd.json"],
        [*SEARCH, "budget.latency_ms=2", "latency.profile=theirs/odd.json"],
        ["task=aggregate", "sweep=theirs"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=3, unique=True))
    return Attack(f"{how} among images and tables", [commands[number] for number in chosen])


_NAMES = ("a", "$\\frac{$", "b$x_{$", "-rf", "[/zl]", "a\nb")
"""Names of class folders: formulas of LaTeX for a plot, options, markup, and a line break."""

_FORMULAS = (
    *("=cmd|'/c x'!A0", '=HYPERLINK("http:zl")', "@SUM(A1)", "+cmd|x", "-cmd|x", "\t=f(1)"),
    *("='file:///etc/passwd'#$passwd.A1", "=A1", "\uff1df(1)", "a;=cmd|x", "a\t@f(1)"),
)


def formulas(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make class folders, columns and texts of runs that a spreadsheet would evaluate in the tables written of them."""
    text = draw(st.sampled_from([*_FORMULAS, *_NAMES]))
    odd = text.replace("/", "_")
    for part in ("train", "val"):
        for name in ("cat", odd):
            (theirs / part / name).mkdir(parents=True)
            for number in range(3):
                Image.new("RGB", (8, 8), (80 * number, 0, 0)).save(theirs / part / name / f"{odd}{number}.png")
    rows = "".join(f'"{TINY}",{number},1\n' for number in (70, 71, 72))
    column = text.replace('"', '""')
    (theirs / "x.csv").write_text(f'architecture,"{column}","{column}2"\n{rows}')
    shutil.copytree(sound.train, theirs / "run")
    take_checksums(theirs)
    result = json.loads((theirs / "run" / "result.json").read_text())
    result.pop("sha256", None)
    result["classes"] = [text] * len(result.get("classes") or [0])
    (theirs / "run" / "result.json").write_text(json.dumps(result | {"dataset": text, "recipe": text}))
    (theirs / "run" / "command.json").write_text(json.dumps({"overrides": ["task=train", f"recipe.name='{odd}'"]}))
    data = ["dataset=image_folder", "dataset.root=theirs", "recipe.batch_size=2", "resolution=8", "trainer=cpu"]
    commands = [
        ["task=train", f"arch={TINY}", "recipe.epochs=1", *data],
        ["task=predict", f"arch={sound.train}", "images=theirs/train"],
        ["task=correlate", "accuracies=theirs/x.csv", "proxies=[params,flops]", "resolution=32"],
        ["task=aggregate", "sweep=theirs"],
        ["task=compare", f"arch=[theirs/run,{TINY!r}]"],
        ["task=report", "run=theirs/run"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=3, unique=True))
    return Attack(f"a formula: {text!r}", [commands[number] for number in chosen])


KINDS: dict[str, Crafted] = {
    "structures, tables, profiles, headers": (30, texts),
    "datasets and archives": (17, datasets),
    "pipes and links among images": (14, waiting),
    "formulas for a spreadsheet": (10, formulas),
}
"""By what is crafted."""
