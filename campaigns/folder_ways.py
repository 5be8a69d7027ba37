"""Crafted folders that reach a dangerous key another way, that keep a command waiting, or that speak to a spreadsheet."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from PIL import Image

from folder_attacks import SEARCH, TINY, TRAIN, TUNE, Attack, Sound, _take_checksums
from folder_payloads import Payloads

_FORMULAS = (
    *("=cmd|'/c x'!A0", '=HYPERLINK("http:zl")', "@SUM(A1)", "+cmd|x", "-cmd|x", "\t=f(1)"),
    *("='file:///etc/passwd'#$passwd.A1", "=A1", "\uff1df(1)", "a;=cmd|x", "a\t@f(1)"),
)
_TWO = "tune.space={search.population_size:[8,16]}"


def indirect(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a record that names a module or a command through a choice of a tuning, a reference, a mapping or a stage."""
    (theirs / "evil.py").write_text(payloads.module())
    script = theirs / "evil.sh"
    script.write_text(f"#!/bin/sh\n{payloads.shell}\n")
    script.chmod(0o755)
    evil, shell = "theirs.evil", payloads.shell
    tune = [*TUNE[:-1], "tune.trials=2"]
    sweep = ["-m", *SEARCH, "seed=0,1"]
    slurm = ["launcher=slurm_local", "launcher.at_once=1"]
    ways: list[list[str]] = [
        [*tune, "tune.space={imports:['','[]'],search.population_size:[8,16]}", f"tune.space.imports=[{evil},json]"],
        [*tune, f"tune={{space:{{imports:[{evil},json]}}}}"],
        [*tune, _TWO, f"tune.space={{imports:[{evil},json]}}"],
        [*tune, _TWO, f"start=['imports={evil}']", "tune.overrides=${start}"],
        [*tune, f"start={{imports:[{evil},json]}}", "tune.space=${start}"],
        [*tune, _TWO, f"tune.overrides=extend_list('imports={evil}')"],
        [*tune, f"tune.space='{{imports: [{evil}, json]}}'"],
        [*tune, _TWO, *slurm, f"launcher={{parameters:{{slurm_setup:['{shell}']}}}}"],
        [*tune, f"tune.space={{launcher:{{parameters:{{slurm_setup:['{shell}',b]}}}}}}", *slurm],
        [*tune, "tune.space={proxy:[zen,naswot]}", f"tune.space.proxy._target_=[{evil}.Proxy,b]"],
        [*tune, _TWO, f"tune.overrides=['proxy={{_target_:{evil}.Proxy}}']"],
        [*sweep, *slurm[:1], f"launcher={{parameters:{{slurm_setup:[theirs/{script.name}]}}}}"],
        [*sweep, "launcher@launcher=slurm_local", f"launcher={{parameters:{{local_setup:['{shell}']}}}}"],
        [*sweep, f"imports@x={evil}"],
        [*sweep, f"imports.a={evil}"],
        [*sweep, f"proxy._target_@x={evil}.Proxy"],
        [*sweep, f"proxy._target_ ={evil}.Proxy"],
        [*sweep, f"hydra.sweep.subdir=str({payloads.victim}/x)"],
        [*sweep, f"hydra.sweep.subdir='a\n/../../{payloads.victim.name}/${{hydra.job.num}}'"],
        [*sweep, f"HYDRA.launcher={{_target_:{evil}.Proxy}}"],
        ["task=pipeline", f"stages=[{{name:a,overrides:{{imports:{evil},task:search}}}}]"],
        ["task=pipeline", f"stages=[{{name:a,overrides:['task=search','proxy={{_target_:{evil}.Proxy}}']}}]"],
        ["task=pipeline", f"seed=[{{name:a,overrides:['imports={evil}']}}]", "stages=${seed}"],
        ["task=pipeline", f"stages=[{{name:a,overrides:['task=tune','tune.space={{imports:[{evil},json]}}']}}]"],
        ["task=profile", "networks=theirs/x.csv", f"column={payloads.victim}/rc.json", "output=${column}"],
        ["task=distill", f"arch={TINY}", *TRAIN, "teacher=timm", "teacher.image_size=32", "weights='local-dir:theirs'",
         "teacher.model=${weights}"],
        ["search=zen", "budget=params1M", f"proxy={{_target_:zen_lightning.proxy.closed_form.ZenClosedForm,_args_:[{shell}]}}"],
        ["search=zen", "budget=params1M", f"search.rerank={{name:{{_target_:{evil}.Proxy}}}}"],
        ["search=zen", "budget=params1M", f"budget={{own:{{x:{{_target_:{evil}.Limit,maximum:1}}}}}}"],
        ["search=zen", "budget=params1M", f"task={{_target_:zen_lightning.tasks.search.search.Search,run:{evil}.Task}}"],
    ]  # fmt: skip
    words = draw(st.sampled_from(ways))
    if words[0] == "-m":
        (theirs / "sweep.json").write_text(json.dumps({"command": words, "jobs": [], "directory": "."}))
    else:
        (theirs / "command.json").write_text(json.dumps({"overrides": words, "asked": words}))
    commands = [["resume=theirs"], ["resume=theirs", "task=validate"]]
    return Attack(f"a record, another way: {words[-2:]}", draw(st.permutations(commands)))


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
        ["task=score", f"arch={TINY}", "proxies=[{name:swap,batch_size:2}]", "dataset=image_folder", "dataset.root=theirs"],
        ["task=analyze", "arch=theirs/odd.txt"],
        ["task=correlate", "accuracies=theirs/odd.csv"],
        ["task=profile", "networks=theirs/odd.csv", "device=phone", "output=odd.json"],
        [*SEARCH, "budget.latency_ms=2", "latency.profile=theirs/odd.json"],
        ["task=aggregate", "sweep=theirs"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=3, unique=True))
    return Attack(f"{how} among images and tables", [commands[number] for number in chosen])


def formulas(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make class folders, columns and texts of runs that a spreadsheet would evaluate in the tables written of them."""
    text = draw(st.sampled_from(_FORMULAS))
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
    _take_checksums(theirs)
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


KINDS: dict[str, tuple[int, Callable[[Any, Path, Payloads, Sound], Attack]]] = {
    "records, another way": (30, indirect),
    "pipes and links among images": (14, waiting),
    "formulas for a spreadsheet": (10, formulas),
}
"""By what is crafted: how often beside the others, and what makes it."""
