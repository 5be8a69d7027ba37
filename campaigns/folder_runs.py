"""Crafted runs: their YAML, results, tables and studies, and the code that their own record names."""

import json
import shutil
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from folder_crafted import CALLED, TINY, TRAIN, Attack, Crafted, Sound, take_checksums
from folder_payloads import SECRET, Payloads


def settings_of_run(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a whole run whose YAML, result or tables say more than they should."""
    shutil.copytree(draw(st.sampled_from([sound.train, sound.search])), theirs, dirs_exist_ok=True)
    take_checksums(theirs)
    text = draw(st.sampled_from([
        f"!!python/object/apply:os.system ['{payloads.shell}']", f"{{_target_: os.system, command: '{payloads.shell}'}}",
        f"${{oc.env:{SECRET}}}", f"${{oc.decode:${{oc.env:{SECRET}}}}}", "evil.Proxy", "<script>zl()</script>",
        f"=cmd|'/c {payloads.shell}'!A1", "!!python/name:evil.Proxy", f"$({payloads.shell})",
    ]))  # fmt: skip
    which = draw(st.sampled_from(["config.yaml", "hydra.yaml", "result.json", "history.csv", "best_structure.txt"]))
    path = next(iter(theirs.rglob(which)), theirs / which)
    content = path.read_text() if path.exists() else "x: 1\n"
    if which.endswith(".yaml"):
        lines = content.splitlines()
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] = f"{lines[at].partition(':')[0]}: {text}"
        path.write_text("\n".join(lines) + "\n")
    elif which == "result.json":
        result = json.loads(content)
        result.pop("sha256", None)
        result[draw(st.sampled_from(sorted(result)))] = text
        path.write_text(json.dumps(result))
    else:
        path.write_text(content.replace(content[: content.index("\n")].rpartition(",")[2], text, 1))
    (theirs / "evil.py").write_text(payloads.module())
    commands = [
        ["task=report", "run=theirs"],
        ["task=compare", f"arch=[theirs,{TINY!r}]"],
        ["task=aggregate", "sweep=."],
        ["task=evaluate", "arch=theirs", "trainer=cpu"],
        ["resume=theirs"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=3, unique=True))
    return Attack(f"{which}: {text}", [commands[number] for number in chosen])


def studies(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a tuning whose journal draws values that were not asked for."""
    shutil.copytree(sound.tune, theirs, dirs_exist_ok=True)
    take_checksums(theirs)
    journal = theirs / "journal" / "study.log"
    wanted = draw(st.sampled_from([*CALLED, f"${{oc.env:{SECRET}}}", f"8 +proxy.command='{payloads.shell}'"]))
    lines = journal.read_text().splitlines()
    changed = [line.replace("search.population_size", draw(st.sampled_from(["proxy._target_", "imports"]))) for line in lines]
    changed = [line.rpartition("}")[0] + "}" for line in changed]  # Without the checksums.
    journal.write_text(
        "\n".join(changed).replace('"param_value_internal": ', f'"param_value_internal": "{wanted}", "was": ') + "\n"
    )
    (theirs / "result.json").unlink(missing_ok=True)
    return Attack(f"study with {wanted}", [["resume=theirs"], ["resume=theirs", "tune.trials=4", "task=validate"]])


def named_code(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a run whose own record names configuration and classes beside it, importable as from the root of a checkout."""
    shutil.copytree(draw(st.sampled_from([sound.train, sound.search, sound.tune])), theirs, dirs_exist_ok=True)
    take_checksums(theirs)
    room = f"{theirs.parent.name}.theirs.evil"
    (theirs / "evil.py").write_text(payloads.module())
    group = draw(st.sampled_from(["task", "proxy", "dataset", "recipe", "experiment", "logger"]))
    (theirs / "conf" / group).mkdir(parents=True)
    (theirs / "conf" / group / "evil.yaml").write_text(f"_target_: {room}.Task\nname: evil\n")
    (theirs / "conf" / "config.yaml").write_text(f"imports: {room}\n")
    path = theirs / ".hydra" / "hydra.yaml"
    record = yaml.safe_load(path.read_text())
    source = {"path": str(theirs / "conf"), "schema": "file", "provider": draw(st.sampled_from(["command-line", "main"]))}
    record["hydra"]["runtime"]["config_sources"] = [source]
    record["hydra"]["runtime"]["choices"][group] = "evil"
    record["hydra"]["searchpath"] = [f"file://{theirs}/conf"]
    path.write_text(yaml.safe_dump(record))
    path = theirs / ".hydra" / "config.yaml"
    config = yaml.safe_load(path.read_text())
    for key in draw(
        st.sets(st.sampled_from(["proxy", "search_space", "dataset", "recipe", "teacher", "task", "logger"]), min_size=2)
    ):
        config[key] = {"_target_": f"{room}.Proxy", "name": "evil"}
    config["budget"] = {"own": {"x": {"_target_": f"{room}.Limit", "maximum": 1}}}
    config["imports"] = [room]
    path.write_text(yaml.safe_dump(config))
    result = json.loads((theirs / "result.json").read_text())
    result.pop("sha256", None)
    result["task"] = draw(st.sampled_from(["evil", result.get("task", "search"), f"{room}.Task"]))
    result["budgets"] = {"x": 1.0}
    (theirs / "result.json").write_text(json.dumps(result))
    commands = [
        ["task=report", "run=theirs"],
        ["task=aggregate", "sweep=theirs"],
        ["task=compare", f"arch=[theirs,{TINY!r}]"],
        ["task=evaluate", "arch=theirs", "dataset=digits", "trainer=cpu"],
        ["task=distill", f"arch={TINY}", *TRAIN, "teacher=checkpoint", "teacher.arch=theirs", "distillation.feature_weight=0"],
        ["resume=theirs"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=3, unique=True))
    return Attack(f"a record that names {group} and {room}", [commands[number] for number in chosen])


KINDS: dict[str, Crafted] = {
    "YAML, results and tables of a run": (25, settings_of_run),
    "journals of a tuning": (8, studies),
    "code that a run's own record names": (14, named_code),
}
"""By what is crafted."""
