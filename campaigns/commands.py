"""Gives every task odd values for its keys, and looks at what is said.

    python campaigns/commands.py --count 10000

Hypothesis draws a task, one of the keys that its configuration has, or a group, and a value; the command is checked by
``task=validate``, in this process. A refusal must be a sentence that names the key; anything else that is raised, and what
takes over 60 seconds, is a fault.
"""

import sys
import time
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from omegaconf import DictConfig, OmegaConf

from campaign import arguments, command, judged, run_campaign
from zen_lightning.config import conf_dir, register
from zen_lightning.config.composing import composed

NETWORK = "arch=zennet_cifar10_model_size05M_res32"
TASKS = {
    "search": ("search=zen", "budget=params1M"),
    "pareto": ("task=pareto", "budget=params1M"),
    "train": ("task=train", NETWORK, "dataset=digits"),
    "distill": ("task=distill", NETWORK, "dataset=digits", "teacher=checkpoint", "teacher.arch=nowhere"),
    "evaluate": ("task=evaluate", NETWORK, "dataset=digits"),
    "score": ("task=score", NETWORK),
    "analyze": ("task=analyze", NETWORK),
    "compare": ("task=compare", NETWORK),
    "latency": ("task=latency", NETWORK, "device=cpu"),
    "profile": ("task=profile", "output=profile.json", "device=cpu"),
    "correlate": ("task=correlate", "accuracies=nowhere.csv"),
    "export": ("task=export", NETWORK, "random_weights=true"),
    "tune": ("task=tune", NETWORK, "dataset=digits", "tune.space={recipe.lr:[0.1,0.2]}"),
    "aggregate": ("task=aggregate", "sweep=."),
    "report": ("task=report", "run=."),
    "pipeline": ("task=pipeline", "stages=[{name:a,overrides:['task=zoo']}]"),
    "zoo": ("task=zoo",),
}
"""A command of each task that needs no data."""

ODD = [
    *("null", "true", "false", "nan", "inf", "-inf", "1e400", "1e20", "-1", "0", "0.5", "5", "18446744073709551616", "9" * 60),
    *("''", "x", "'a b'", "~nosuchuser/x", "'~nosuchuser/x'", "/", "../..", "/dev/null", "'\\u00fc'", "''''", "a/b", "x.json"),
    *("[]", "[1]", "[null]", "[[]]", "[a,b]", "[1,x]", "[{}]", "{}", "{a:1}", "{a:{b:[1]}}", "{_target_:os.system}"),
    *("1,2", "'${x}'", "'${seed}'", "range(1,3)", "glob(*)", "[nan]", "[-1]", "[1e400]", "{flops:nan}", "{low:1,high:0}"),
]
SECONDS = 60


def keys_of(words: tuple[str, ...]) -> list[str]:
    """Return the keys of a command: every leaf and every mapping of its configuration, and the groups."""
    with composed(words) as config:
        found = list(_keys(config, ""))
    return found + [path.name for path in conf_dir().iterdir() if path.is_dir()]


def _keys(node: DictConfig, prefix: str) -> Any:
    for name in node:
        key = f"{prefix}{name}"
        yield key
        inner = None if OmegaConf.is_missing(node, name) or OmegaConf.is_interpolation(node, str(name)) else node[name]
        if isinstance(inner, DictConfig):
            yield from _keys(inner, f"{key}.")


def main(words: list[str] | None = None) -> int:
    """Run the campaign of the command line; return 1 where there was a fault."""
    options = arguments(__doc__.splitlines()[0], 10_000).parse_args(words)
    register()
    keys = {task: keys_of(words) for task, words in TASKS.items()}
    counts: Counter[str] = Counter()
    faults: list[str] = []
    figures: dict[str, Any] = {"tasks": len(TASKS), "keys": sum(map(len, keys.values())), "outcomes": counts, "faults": faults}

    @seed(options.seed)
    @settings(
        max_examples=options.count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def trial(data: Any) -> None:
        task = data.draw(st.sampled_from(sorted(TASKS)))
        key, value = data.draw(st.sampled_from(keys[task])), data.draw(st.sampled_from(ODD))
        began = time.monotonic()
        ended = command(*TASKS[task], f"{key}={value}", "task=validate")
        said = ended.out + ended.err
        fault = judged(ended, began, counts, SECONDS)
        if fault is not None:
            faults.append(f"{task}, {key}={value}: {fault}")
        elif ended.code == 0:
            counts["accepted"] += 1
        else:
            counts[
                "refused, with the key" if key in said or key.rpartition(".")[2] in said else "refused, without the key"
            ] += 1

    return run_campaign("commands", options, figures, trial, faults)


if __name__ == "__main__":
    sys.exit(main())
