"""Crafted runs that have a command write elsewhere, or that speak to the terminal."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from folder_crafted import SEARCH, TINY, TRAIN, TUNE, Attack, Crafted, Sound, take_checksums
from folder_payloads import SECRET, Payloads

_RUNS = {
    "search": (
        *("journal", "journal/restart-00.jsonl", ".sha256", ".sha256/history.csv", ".hydra", "wandb", "mlruns", "tensorboard"),
        *("structures", "network.svg", "result.json", "report.html"),
    ),
    "train": (
        *("checkpoints", "checkpoints/last.ckpt", "checkpoints/.lock", "checkpoints/.sha256", ".sha256", "weights.safetensors"),
        *("wandb", "mlruns", "tensorboard", "history.csv", "report.html"),
    ),
    "tune": (
        "journal",
        "journal/study.log",
        "journal/.lock",
        "trial-001",
        "trial-001/journal",
        "trial-001/job.log",
        "best.yaml",
    ),
}
"""What a link may stand in the place of, in the folder of a run."""

_SWEEP = ("-m", *SEARCH, "seed=0,1")


def links(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a run in which a file or a folder is a link to what is not theirs, and have it continued."""
    kind = draw(st.sampled_from(sorted(_RUNS)))
    place = theirs / draw(st.sampled_from(_RUNS[kind]))
    shutil.copytree(getattr(sound, kind), theirs, dirs_exist_ok=True)
    take_checksums(theirs)
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    victim = payloads.victim / draw(st.sampled_from(["folder", "rc", "nothing", "folder/nothing"]))
    if place.suffix in (".jsonl", ".log") and victim.is_file() and draw(st.booleans()):
        place.hardlink_to(victim)
    else:
        place.symlink_to(victim if draw(st.booleans()) else os.path.relpath(victim, place.parent))
    (theirs / "result.json").unlink(missing_ok=True)
    said = {"search": list(SEARCH), "train": ["task=train", f"arch={TINY}", *TRAIN], "tune": [*TUNE, "tune.trials=2"]}[kind]
    logged = draw(st.sampled_from([[], ["logger=mlflow"], ["logger=tensorboard"]])) if kind != "tune" else []
    commands = [
        ["resume=theirs", *logged],
        ["resume=theirs", "task=validate"],
        [*said, "output_dir=theirs", *logged],
        [*said, "output_dir=theirs", "resume=auto"],
        ["task=report", "run=theirs"],
        ["task=aggregate", "sweep=theirs"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=2, unique=True))
    return Attack(f"{kind}: {place.relative_to(theirs)} is a link to {victim.name}", [commands[number] for number in chosen])


def places(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make records of sweeps and runs that say where jobs and files go, which is to be elsewhere."""
    outside = f"{payloads.victim}/folder"
    up = f"../../{payloads.victim.name}/folder"
    where = draw(
        st.sampled_from(
            [outside, up, f"0/../{up}", f"${{oc.env:{SECRET}}}", "a\n", "x/../../mine", "mine.txt", "${search.name}"]
        )
    )
    how = draw(st.integers(0, 7))
    content: dict[str, Any] = {"command": list(_SWEEP), "jobs": [], "directory": str(payloads.victim)}
    name = "sweep.json"
    if how == 0:
        content["jobs"] = [
            {"job": number, "overrides": [*SEARCH, f"seed={number}"], "folder": f"{where}{number}", "state": "killed"}
            for number in (0, 1)
        ]
    elif how == 1:
        content["command"] = [*_SWEEP, "hydra.sweep.subdir='${search.name}/${seed}'", f"search.name='{where}'"]
    elif how == 2:
        content["command"] = [*_SWEEP, f"hydra.sweep.subdir='{where}/${{hydra.job.num}}'"]
    elif how == 3:
        content["command"] = [*_SWEEP, "launcher=joblib", "launcher.jobs=2"]
        for number in (0, 1):
            (theirs / f"{number}-seed={number}").mkdir()
            (theirs / f"{number}-seed={number}" / "job.log").symlink_to(payloads.victim / "rc")
    elif how == 4:
        content["command"] = ["-m", "task=profile", *_profile(theirs), "seed=0,1", f"output='{where}'"]
    elif how == 5:
        name = "command.json"
        spoken = [*TUNE, "tune.trials=1", "launcher=slurm_local", f"launcher.partition='a\n{payloads.shell} #'"]
        content = {"overrides": spoken, "asked": spoken}
    elif how == 6:
        name = "command.json"
        spoken = ["task=profile", *_profile(theirs), f"output='{where}'"]
        content = {"overrides": spoken, "asked": spoken}
    else:
        name = "command.json"
        spoken = ["task=pipeline", f"stages=[{{name:'{where}',overrides:['task=search','output_dir={where}']}}]"]
        content = {"overrides": spoken, "asked": spoken}
    (theirs / name).write_text(json.dumps(content))
    return Attack(f"{name}, way {how}: {where}", [["resume=theirs", "task=validate"], ["resume=theirs"]])


def _profile(theirs: Path) -> list[str]:
    """Write times of networks, and return what makes a profile of them."""
    rows = [f'"SuperConvK3BNRELU(3,{width},2,1)SuperConvK1BNRELU({width},16,1,1)",{width / 8}' for width in range(8, 136, 8)]
    (theirs / "times.csv").write_text("\n".join(["architecture,ms", *rows]) + "\n")
    return [f"networks={theirs}/times.csv", "device=phone", "resolution=32"]


_ESCAPES = (
    "\x1b]0;zl\x07",
    "\x1b]52;c;emw=\x07",
    '\x1bP$q"p\x1b\\',
    "\x9b5n",
    "\x1b[6n",
    "\x1bc",
    "\x1b]8;;http://evil\x1b\\zl",
    "\u202ezl",
    "\x1b[?1003hzl",
    "\x1b[8mzl",
    "zl\r\x1b[1A\x1b[2K",
    "[/zl]",
)


def spoken(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make files whose names and texts hold commands for the terminal, links that a browser would run, and pipes."""
    shutil.copytree(sound.train, theirs / "run")
    take_checksums(theirs)
    text = draw(
        st.sampled_from([*_ESCAPES, "javascript:zl()", "'\"><img src=x onerror=zl()>", "data:text/html,<script>zl()</script>"])
    )
    odd = text.replace("/", "_")
    result = json.loads((theirs / "run" / "result.json").read_text())
    result.pop("sha256", None)
    for key in draw(
        st.sets(st.sampled_from(sorted(key for key, value in result.items() if isinstance(value, str))), min_size=1)
    ):
        result[key] = text
    result["classes"] = [text] * len(result.get("classes") or [0])
    (theirs / "run" / "result.json").write_text(json.dumps(result))
    (theirs / "x.csv").write_text(f"architecture,top1,{text}\n" + "".join(f'"{TINY}",{number},1\n' for number in (70, 71, 72)))
    (theirs / "x.txt").write_text(f"Super{text}(3,8,1,1)\n")
    job = {"job": 0, "overrides": [text], "folder": odd, "state": text, "error": text}
    (theirs / "sweep.json").write_text(json.dumps({"command": list(_SWEEP), "jobs": [job], "notices": [text]}))
    (theirs / "command.json").write_text(json.dumps({"overrides": [f"task={text}"]}))
    (theirs / "stages.json").write_text(json.dumps({odd: [text]}))
    for part in ("train", "val"):
        (theirs / part / odd).mkdir(parents=True)
        (theirs / part / odd / f"{odd}.png").write_bytes(b"no image")
    pipe = (
        theirs / "run" / draw(st.sampled_from([".hydra/config.yaml", ".hydra/hydra.yaml", "history.csv", "architecture.txt"]))
    )
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    commands = [
        ["task=report", "run=theirs/run"],
        ["task=compare", f"arch=[theirs/run,{TINY!r}]"],
        ["task=aggregate", "sweep=theirs"],
        ["task=aggregate", "sweep=theirs/run"],
        ["task=correlate", "accuracies=theirs/x.csv", "proxies=[params,flops]", "resolution=32"],
        ["task=analyze", "arch=theirs/x.txt"],
        ["resume=theirs"],
        ["resume=theirs/run"],
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=image_folder", "dataset.root=theirs"],
        ["task=predict", f"arch={sound.train}", "images=theirs/train"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=4, unique=True))
    return Attack(f"texts that hold {text!r}, a pipe as {pipe.name}", [commands[number] for number in chosen])


KINDS: dict[str, Crafted] = {
    "links out of a run": (20, links),
    "places elsewhere": (16, places),
    "texts for a terminal, pipes": (14, spoken),
}
"""By what is crafted."""
