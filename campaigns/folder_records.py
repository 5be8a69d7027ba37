"""Crafted records of commands and sweeps: overrides that would run something if they were replayed."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from folder_crafted import CALLED, SEARCH, TINY, TRAIN, TUNE, Attack, Crafted, Sound
from folder_payloads import SECRET, Payloads

_PLACES = (
    *("proxy", "search.rerank", "task", "search_space", "dataset", "teacher", "recipe", "recipe.optimizer", "trainer.strategy"),
    *("launcher", "logger.csv", "logger", "latency", "budget.own.x", "hydra.launcher", "hydra.sweeper", "hydra.callbacks.x"),
)

_BEGINS = (
    ("task=train", f"arch='{TINY}'", *TRAIN),
    ("task=score", f"arch='{TINY}'", "resolution=32"),
    ("task=pareto", "budget=params1M", "search.population_size=8", "search.finalists=0", "search.iterations=50"),
    ("task=export", f"arch='{TINY}'", "random_weights=true", "resolution=16", "num_classes=10"),
    (*TUNE, "tune.trials=1"),
    ("task=pipeline", "trainer=cpu"),
)
"""How commands begin that would go on if what follows was harmless: an attempt is none where something else is refused."""

_LEFT = ("", "+", "++")


def overrides(draw: Any, payloads: Payloads, theirs: Path) -> list[str]:
    """Return overrides of a record, one of which would run something."""
    beside = f"{theirs.parent.name}.theirs.evil.Proxy"  # Importable where the working directory is below a checkout.
    called, place, sign = (draw(st.sampled_from(some)) for some in ((*CALLED, beside), _PLACES, _LEFT))
    touch = payloads.shell
    kinds: list[list[str]] = [
        [f"{sign}{place}._target_={called}", f"+{place}.command='{touch}'", f"+{place}.args=['{touch}']"],
        [f"{place}={{_target_:{called},command:'{touch}',name:evil}}"],
        [f"proxies=[zen,{{_target_:{called},command:'{touch}'}}]"],
        [f"stages=[{{name:a,overrides:['{place}._target_={called}','+{place}.command={touch}']}}]"],
        ["stages=[{name:a,overrides:['imports=evil']}]"],
        [f"tune.space={{{place}._target_:[{called},zen]}}"],
        [f"tune.overrides=['{place}._target_={called}']"],
        ["imports=evil"],
        ["imports=[theirs.evil]"],
        ["trust=."],
        [f"{draw(st.sampled_from(['hydra.searchpath', 'hydra.job_logging', 'hydra.output_subdir', 'hydra.job.chdir']))}=[.]"],
        ["--config-dir=theirs"],
        ["--config-path=theirs", "--config-name=config"],
        ["experiment=../theirs/evil"],
        [f"{draw(st.sampled_from(['proxy', 'logger', 'task', 'recipe', 'launcher']))}=../../theirs/evil"],
        [f"launcher.parameters={{slurm_setup:['{touch}']}}"],
        [f"arch='${{oc.env:{SECRET}}}'"],
        [f"dataset.root=${{oc.env:{SECRET}}}"],
        [f"logger.csv.name='${{oc.decode:${{oc.env:{SECRET}}}}}'"],
        [f"logger.mlflow.tracking_uri=file:///{SECRET}", "logger.wandb.entity=evil"],
        ["output_dir=/tmp/elsewhere"],
        [f"task.run={called}"],
        ["~proxy.resolution", "~proxy.gamma", f"proxy._target_={called}"],
        [f"arch=pipe:{touch}", f"dataset.root='pipe:{touch}'"],
        ["teacher=timm", "teacher.model=local-dir:theirs"],
    ]
    begins = draw(st.sampled_from([SEARCH, SEARCH, *_BEGINS]))
    return [*begins, *draw(st.sampled_from(kinds))]


def records(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a command.json, a sweep.json, or both."""
    asked = overrides(draw, payloads, theirs)
    (theirs / "evil.py").write_text(payloads.module())
    (theirs / "evil.yaml").write_text("# @package _global_\nproxy:\n  _target_: evil.Proxy\n")
    which = draw(st.sampled_from(["command.json", "sweep.json", "a stage"]))
    if which == "sweep.json":
        (theirs / "sweep.json").write_text(
            json.dumps({"command": ["-m", "seed=1,2", *asked], "jobs": [], "directory": "theirs"})
        )
    elif which == "command.json":
        (theirs / "command.json").write_text(json.dumps({"overrides": asked, "asked": asked}))
    else:
        (theirs / "command.json").write_text(json.dumps({"overrides": ["experiment=quickstart", "trainer=cpu"]}))
        (theirs / "stages.json").write_text(json.dumps({"stages": {"search": asked}, "search": asked}))
        (theirs / "search").mkdir()
        (theirs / "search" / "command.json").write_text(json.dumps({"overrides": asked}))
        return Attack(f"{which}: {asked}", [["resume=theirs/search"], ["resume=theirs", "task=validate"]])
    auto = [*SEARCH, "output_dir=theirs", "resume=auto"]
    return Attack(f"{which}: {asked}", [["resume=theirs", "task=validate"], ["resume=theirs"], auto])


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
        [*tune, _TWO, f"tune.overrides=[' imports={evil}']"],
        [*tune, _TWO, f"tune.overrides=extend_list('imports={evil}')"],
        [*tune, _TWO, f"tune.overrides=[imports,'={evil}']"],
        ["task=pipeline", f"stages=[{{name:a,overrides:['task=search','\\timports={evil}']}}]"],
        ["task=pipeline", f"stages=extend_list({{name:a,overrides:['imports={evil}']}})"],
        ["task=pipeline", "stages=[{name:a,overrides:['task=search',' --config-dir=theirs']}]"],
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
        ["task=distill", f"arch='{TINY}'", *TRAIN, "teacher=timm", "teacher.image_size=32", "weights='local-dir:theirs'",
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


def own_configuration(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a record that chooses a YAML by its path, from a group of the user's own folder of configuration."""
    for group in ("local", "mine", "mine/inner", "proxy", "experiment"):
        (theirs.parent / "ownconf" / group).mkdir(parents=True)
    (theirs.parent / "ownconf" / "experiment" / "of_mine.yaml").write_text("defaults: [/mine: a]\n")
    (theirs.parent / "ownconf" / "mine" / "a.yaml").write_text("# @package _global_\n{}\n")
    (theirs / "evil.py").write_text(payloads.module())
    (theirs / "evil.yaml").write_text("# @package _global_\nimports: theirs.evil\nproxy:\n  _target_: theirs.evil.Proxy\n")
    group = draw(st.sampled_from(["local", "mine", "mine/inner", "proxy", "experiment", "mine@proxy", "local@_global_"]))
    depth = "../" * (2 + group.count("/")) + "theirs/evil"  # From the folder of the group.
    depth = draw(st.sampled_from([depth, depth, f"{theirs}/evil"]))
    choice = f"{group}={draw(st.sampled_from([depth, f'[{depth}]', repr(depth)]))}"
    tune = [*TUNE[:-1], "tune.trials=1"]
    ways: list[list[str]] = [
        [*SEARCH, choice],
        ["-m", *SEARCH, "seed=0,1", choice],
        ["-m", *SEARCH, "seed=0,1", f"{group}=choice(a,{depth})"],
        ["-m", "--config-dir", "ownconf", "--config-dir", "theirs", *SEARCH, "seed=0,1"],
        [*tune, f"tune.space={{{group}:['{depth}',a]}}"],
        [*tune, _TWO, f"tune.overrides=['{group}={depth}']"],
        ["task=pipeline", f"stages=[{{name:a,overrides:['task=search','{group}={depth}']}}]"],
    ]
    words = draw(st.sampled_from(ways))
    name = "sweep.json" if words[0] == "-m" else "command.json"
    content = {"command": words, "jobs": [], "directory": "."} if words[0] == "-m" else {"overrides": words, "asked": words}
    (theirs / name).write_text(json.dumps(content))
    said = draw(st.sampled_from([["--config-dir=ownconf"], ["-cd", "ownconf"], ["hydra.searchpath=[file://ownconf]"]]))
    mine = draw(st.sampled_from([[], ["experiment=of_mine"]]))
    return Attack(f"{name}, {said}: {words[-1]}", [["resume=theirs", *said, *mine], ["resume=theirs", *said, "task=validate"]])


KINDS: dict[str, Crafted] = {
    "records of commands and sweeps": (60, records),
    "records, another way": (30, indirect),
    "records, with one's own configuration": (16, own_configuration),
}
"""By what is crafted."""
