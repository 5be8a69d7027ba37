"""Values that the declared range of a key lets through: the ends of the range, and what is odd within it."""

import math
from collections.abc import Iterator
from typing import Any

from zen_lightning.budget.amount import Amount
from zen_lightning.cli.arguments import prepare
from zen_lightning.config import conf_dir
from zen_lightning.config.composing import composed
from zen_lightning.config.declared import declared_types
from zen_lightning.config.keys import reads
from zen_lightning.errors import as_yaml
from zen_lightning.runs.overrides import Override
from zen_lightning.system.annotations import range_of
from zen_lightning.system.schema import FLAG, Number
from zen_lightning.system.value_ranges import AnyOf, Entries, Items, Named, OneOf, Range, Text
from zen_lightning.tasks.running import task_class

_SMALL = 1e-12
_TEXTS = ("''", "' '", "auto", "'\u00fc'")
_WORDS = {
    "optimizer": ("evolution", "exact", "adamw", "lamb", "lion", "muon", "{_target_:torch.optim.NAdam}"),
    "dtype": ("float16", "bfloat16", "float32"),
    "device": ("auto", "cpu"),
    "precision": ("16-mixed", "bf16-mixed", "32-true", "bf16-true", "16-true", "64-true"),
    "strategy": ("auto", "ddp", "ddp_spawn", "fsdp"),
    "accelerator": ("auto", "cpu", "gpu"),
    "engine": ("torch", "onnxruntime"),
    "format": ("onnx", "torch_export", "onnx_int8", "[onnx,torch_export]", "[onnx,onnx]"),
    "proxies": ("zen", "[]", "[zen,zen]", "[random,params]", "[{name:naswot,batch_size:1}]", "[ntk]", "[swap,zico]"),
    "objectives": ("params", "[params]", "[flops,params,layers]", "[layers]"),
    "metric": ("val_top5", "params", "score", "seconds"),
    "estimator": ("closed_form", "monte_carlo"),
    "bn_variance": ("running", "batch"),
    "within": ("params", "[]", "[{flops:100%},params]", "layers"),
    "budgets": ("{}", "{params:[1,1e9]}"),
    "layers_by": ("calibrated", "training"),
    "schedule": ("cosine", "linear", "one_cycle", "stages", "constant"),
    "loss": ("ce", "bce"),
    "sampling": ("shuffled", "balanced"),
    "class_weights": ("balanced", "[1,2]", "[1,1,1,1,1,1,1,1,1,0]"),
    "frozen_stages": ("all", "1"),
    "placement": ("cpu", "device"),
    "compile": ("true", "default"),
    "process_group_backend": ("gloo", "nccl"),
    "monitor": ("val_loss", "val_top1"),
    "calibration": ("../images", "digits"),
    "start": ("../net.txt", "auto"),
    "by": ("[seed]", "[search]"),
    "metrics": ("[params]", "[score,score]", "[x]"),
    "direction": ("minimize",),
    "sampler": ("random",),
    "pruner": ("median", "hyperband", "none"),
    "unit": ("s", "us", "images_per_second"),
    "arch": ("zennet_cifar10_model_size05M_res32", "../trained", "[../trained,../trained]", "../net.txt"),
}
"""For keys of these names, texts that mean something."""

_LEFT_OUT = ("output_dir", "hydra", "launcher")
"""Where a command runs, which the campaign says itself."""

MORE_WORK = {
    *("iterations", "epochs", "trials", "restarts", "repeats", "measure_seconds", "operation_seconds", "network_seconds"),
    *("drawn", "fitted", "held_out", "networks_from", "bootstrap", "seeds", "max_tries", "population_size", "structures"),
    *("workers", "processes", "loader_workers", "devices", "num_nodes", "threads", "minutes", "in_flight", "accumulate"),
    *("startup_trials", "images"),
}
"""Names of keys whose large values only take long, or as many processes: 3 is the largest that is drawn for them."""


def values_of(words: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the keys that a command reads and the groups that it has, with the values that are drawn for each.

    Args:
        words: the command line; of a sweep, its first job is looked at.
    """
    one = [word.partition(",")[0] if word.startswith("search=") else word for word in words if word != "-m"]
    with composed(prepare(one)) as config:
        task = task_class(config)
        types = [(key, hint) for key, hint in declared_types(config, [task]) if reads(task, Override.parse(f"{key}="))]
        found = {key: list(dict.fromkeys(_of(key, range_of(hint)))) for key, hint in types}
        found = {key: drawn for key, drawn in found.items() if drawn and key.partition(".")[0] not in _LEFT_OUT}
        for group in ("dataset", "recipe", "proxy", "search_space", "budget", "logger", "debug", "trainer", "search"):
            if reads(task, Override.parse(f"{group}=")):
                found[group] = sorted(path.stem for path in (conf_dir() / group).glob("*.yaml"))
    return found


def _of(key: str, wanted: Range | None) -> Iterator[str]:
    name = key.rpartition(".")[2]
    yield from _WORDS.get(name, ())
    if wanted is not None:
        yield from map(as_yaml, _within(wanted, name in MORE_WORK))


def _within(wanted: Range, more_work: bool) -> Iterator[Any]:
    if isinstance(wanted, Named):
        yield from _within(wanted.range, more_work)
    elif isinstance(wanted, AnyOf):
        for one in wanted.ranges:
            yield from _within(one, more_work)
    elif isinstance(wanted, Number):
        yield from _numbers(wanted, more_work)
    elif isinstance(wanted, Amount):
        yield from _numbers(Number(above=0), more_work)
        yield from ("200k", "0.5M", "auto")
    elif isinstance(wanted, OneOf):
        yield from wanted.choices
    elif isinstance(wanted, Text):
        yield from _TEXTS
    elif isinstance(wanted, Items):
        each = [as_yaml(value) for value in _within(wanted.each, more_work)][:4]
        yield from ("[]", *(f"[{one}]" for one in each), *(f"[{one},{one}]" for one in each[:1]), f"[{','.join(each)}]")
    elif isinstance(wanted, Entries):
        yield from ("{}", *(f"{{a:{as_yaml(value)}}}" for value in _within(wanted.each, more_work)))
    elif wanted == FLAG:
        yield from (True, False)
    else:
        yield "{}"


def _numbers(wanted: Number, more_work: bool) -> Iterator[Any]:
    low = wanted.low if math.isfinite(wanted.low) else wanted.above if math.isfinite(wanted.above) else -1e12
    high = min(wanted.high, wanted.below, 1e15)
    if wanted.whole:
        first = int(low) if low == wanted.low else int(low) + 1
        yield from (first, first + 1, first + 2, f"{first + 1}.0")
        yield from () if more_work else (int(high) if high == wanted.high else int(high) - 1,)
        return
    yield from (low,) if low == wanted.low else (low + _SMALL,)
    yield low + 0.37
    if not more_work:
        yield from (low + (high - low) / 3, high if high == wanted.high else high * (1 - 1e-9))
