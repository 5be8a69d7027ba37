"""Gives every task odd values for its keys, and looks at what is said.

    python campaigns/commands.py --count 10000
    python campaigns/commands.py --count 2000 --odd 2

Hypothesis draws a task, one of the keys that its configuration has, a group, or a limit without its group, and a value; with
``--odd 2``, two of them, with ``--odd 3``, three. The command is checked by ``task=validate``, in forks of this process. A
refusal must be a sentence that names the key (of several, one) as it was typed, and has no words of Python or of a library; one
that is not, anything else that is raised, and what takes over 60 seconds, is a fault.
"""

import contextlib
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from PIL import Image

from campaign import arguments, command, judged, run_campaign
from composed_once import same_groups_once
from many_cases import Judged, add_slices, drawn, judge_all, slice_of
from odd_case import Case, add_odd, cases
from zen_lightning.budget import KINDS
from zen_lightning.config import conf_dir, register
from zen_lightning.config.composing import composed

NAME = "zennet_cifar10_model_size05M_res32"
LOGITS = ("distillation.feature_weight=0",)
NETWORK = f"arch={NAME}"
TASKS = {
    "search": ("search=zen", "budget=params1M"),
    "pareto": ("task=pareto", "budget=params1M"),
    "train": ("task=train", NETWORK, "dataset=digits"),
    "distill": ("task=distill", NETWORK, "dataset=digits", "teacher=checkpoint", "teacher.arch=../trained", *LOGITS),
    "evaluate": ("task=evaluate", NETWORK, "dataset=digits"),
    "score": ("task=score", NETWORK),
    "analyze": ("task=analyze", NETWORK),
    "compare": ("task=compare", f"arch=[{NAME},zennet_cifar10_model_size1M_res32]"),
    "latency": ("task=latency", NETWORK, "device=cpu"),
    "profile": ("task=profile", "output=profile.json", "device=cpu"),
    "correlate": ("task=correlate", "accuracies=../table.csv"),
    "export": ("task=export", NETWORK, "random_weights=true"),
    "tune": ("task=tune", NETWORK, "dataset=digits", "tune.space={recipe.lr:[0.1,0.2]}"),
    "aggregate": ("task=aggregate", "sweep=.."),
    "report": ("task=report", "run=../trained"),
    "pipeline": ("task=pipeline", "stages=[{name:a,overrides:['task=zoo']}]"),
    "predict": ("task=predict", "arch=../trained", "images=../one.png"),
    "zoo": ("task=zoo",),
}
"""A command of each task. What they read is made by :func:`make_files`, one folder up."""

ODD = [
    *("null", "true", "false", "nan", "inf", "-inf", "1e400", "1e20", "-1", "0", "0.5", "5", "18446744073709551616", "9" * 60),
    *("''", "x", "'a b'", "~nosuchuser/x", "'~nosuchuser/x'", "/", "../..", "/dev/null", "'\\u00fc'", "''''", "a/b", "x.json"),
    *("[]", "[1]", "[null]", "[[]]", "[a,b]", "[1,x]", "[{}]", "{}", "{a:1}", "{a:{b:[1]}}", "{_target_:os.system}"),
    *("9" * 5000, "x" * 100_000, "1_000", "0x10", "1e-400", "-0", "[" * 100, "[" * 40 + "]" * 40, "'\u0661'", "[1,[2]]"),
    *("1,2", "'${x}'", "'${seed}'", "range(1,3)", "glob(*)", "[nan]", "[-1]", "[1e400]", "{flops:nan}", "{low:1,high:0}"),
]
SECONDS = 60
RAW = re.compile(
    r"\b(None|True|False|NoneType|Traceback|DictConfig|ListConfig|omegaconf)\b|[a-z]Error\b|'\w+' object|[Ee]rrno|object at 0x"
    r"|\b(dict|str|int|bool|float)\b(?!=)"
)
"""Words of Python and of libraries, which no sentence has."""


def make_files() -> None:
    """Leave what the commands read in the present folder: a training of a tiny network, an image, a table."""
    small = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,8,2,8,1)"
    training = (f"arch={small}", "dataset=digits", "recipe.epochs=1", "recipe.warmup_epochs=0", "limit=64")
    ended = command("task=train", *training, "trainer.loader_workers=0", "output_dir=trained")
    assert ended.code == 0, ended
    Image.new("RGB", (16, 16)).save("one.png")
    rows = [f'"{small}",50', f'"{small.replace("8", "16")}",60', f'"{small.replace("8", "24")}",70']
    Path("table.csv").write_text("\n".join(["architecture,accuracy", *rows, ""]))


def keys_of(words: tuple[str, ...]) -> list[str]:
    """Return the keys of a command: every leaf and every mapping of its configuration, the limits alone, and the groups."""
    with composed(words) as config:
        found = list(_keys(config, ""))
    found += [kind.name for kind in KINDS]
    return found + [path.name for path in conf_dir().iterdir() if path.is_dir()]


def _keys(node: DictConfig, prefix: str) -> Any:
    for name in node:
        key = prefix + str(name)
        yield key
        inner = None if OmegaConf.is_missing(node, name) or OmegaConf.is_interpolation(node, str(name)) else node[name]
        if isinstance(inner, DictConfig):
            yield from _keys(inner, f"{key}.")


def judge(case: Case) -> Judged:
    """Return how the check of a command ended."""
    began = time.monotonic()
    ended = command(*TASKS[case.name], *case.words(), "task=validate")
    counts: Counter[str] = Counter()
    fault = judged(ended, began, counts, SECONDS)
    shown = case.shown()
    if fault is not None:
        return Judged(next(iter(counts)), f"{shown}: {fault}")
    if ended.code == 0:
        return Judged("accepted")
    said = ended.out + ended.err
    raw = RAW.search(without_values(said, case))
    if raw is not None:
        return Judged("refused, in words of a library", f"{shown}: {said[max(0, raw.start() - 200) : raw.end() + 100]}")
    if case.is_named(said):
        return Judged("refused, with the key")
    return Judged("refused, without the key", f"{shown}: {' '.join((ended.out + ended.err).split()):.300}")


def without_values(said: str, case: Case) -> str:
    """Return a text without the keys and values that were typed."""
    for key, value in case.odd:
        said = said.replace(f"{key}={value}", key)
    return said


def main(words: list[str] | None = None) -> int:
    """Run the campaign of the command line; return 1 where there was a fault."""
    parser = arguments(__doc__.splitlines()[0], 10_000)
    add_odd(parser)
    add_slices(parser)
    options = parser.parse_args(words)
    register()
    keys = {task: keys_of(words) for task, words in TASKS.items()}
    counts: Counter[str] = Counter()
    faults: list[str] = []
    figures: dict[str, Any] = {"tasks": len(TASKS), "keys": sum(map(len, keys.values())), "outcomes": counts, "faults": faults}
    values = {task: dict.fromkeys(keys[task], ODD) for task in TASKS}
    chosen = drawn(cases(values, options.odd), options.count, options.seed)[slice_of(options)]

    def trial() -> None:
        make_files()
        Path("here").mkdir()
        with same_groups_once():
            with contextlib.chdir("here"):
                for words in TASKS.values():  # Imports what the forks would import each.
                    ended = command(*words, "task=validate")
                    assert ended.code == 0, ended
            judge_all(chosen, judge, SECONDS, options.processes, counts, faults)

    return run_campaign("commands", options, figures, trial, faults)


if __name__ == "__main__":
    sys.exit(main())
