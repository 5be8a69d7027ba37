"""The commands that are killed: small ones of every task that goes on after a kill."""

import os
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

STRUCTURE = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,2,8,1)SuperConvK1BNRELU(8,16,1,1)"
_SEARCH = ("budget=params1M", "search.population_size=16", "search.finalists=0")
_TRAIN = (f"arch={STRUCTURE}", "dataset=digits", "recipe.batch_size=16", "resolution=8", "trainer=cpu",
          "trainer.deterministic=true", "trainer.checkpoint_steps=5", "limit=256")  # fmt: skip
_PROFILE = ("device=cpu", "latency.threads=1", "latency.batch_size=2", "extent.drawn=4", "extent.networks_from=12",
            "extent.flops=[8e6,5e8]", "extent.fitted=16", "extent.held_out=8", "extent.operation_seconds=0.002",
            "extent.network_seconds=0.02")  # fmt: skip


def _nothing() -> None:
    return None


def _nothing_again(_place: Path) -> list[str]:
    return []


class Case(NamedTuple):
    """A kind of command.

    Attributes:
        words: returns the command line for a folder.
        prepare: called in the process of the command before it begins.
        first: the command line of a run that it needs, which is run once and not disturbed.
        again: returns what the command line says again with ``resume=`` of a folder: where it writes outside of that.
    """

    words: Callable[[Path], list[str]]
    prepare: Callable[[], None] = _nothing
    first: Sequence[str] = ()
    again: Callable[[Path], list[str]] = _nothing_again


def _plain(*words: str) -> Callable[[Path], Case]:
    return lambda _folder: Case(lambda place: [*words, f"output_dir={place}"])


def _correlate(folder: Path) -> Case:
    known = folder / "known.csv"
    rows = [
        f'"SuperConvK3BNRELU(3,{width},2,1)SuperConvK1BNRELU({width},32,1,1)",{60 + width / 8}' for width in range(8, 128, 4)
    ]
    known.write_text("\n".join(["architecture,top1", *rows]) + "\n")
    words = ["task=correlate", f"accuracies={known}", "proxies=[zen,naswot,grad_norm]", "resolution=16", "num_classes=10",
             "bootstrap=50"]  # fmt: skip
    return Case(lambda place: [*words, f"output_dir={place}"])


def _profile(_folder: Path) -> Case:
    def output(place: Path) -> list[str]:
        return [f"output={place}/profiles/mine.json"]

    return Case(lambda place: ["task=profile", *_PROFILE, *output(place), f"output_dir={place}"], steady_device, again=output)


def steady_device() -> None:
    """Have every measurement take 4 ms and find the same on each run: what is measured never is the same twice."""
    from zen_lightning.latency.profiler import Measurer
    from zen_lightning.latency.timing import Timing

    def found(_self: Measurer, what: Any) -> Timing:
        time.sleep(0.004)
        seconds = 1e-4 * (1 + zlib.crc32(str(what).encode()) % 1000 / 1000)
        return Timing(seconds, 1.02 * seconds, 1.05 * seconds, 50, 1.0)

    Measurer.operation = Measurer.network = found  # type: ignore[method-assign,assignment]


def _offline() -> None:
    os.environ["WANDB_MODE"] = "offline"


def _distill(folder: Path) -> Case:
    teacher = folder / "teacher"
    words = [
        "task=distill",
        *_TRAIN,
        "recipe.epochs=4",
        "teacher=checkpoint",
        "distillation.first_ratio=2",
        f"teacher.arch={teacher}",
    ]
    return Case(
        lambda place: [*words, f"output_dir={place}"], first=["task=train", *_TRAIN, "recipe.epochs=1", f"output_dir={teacher}"]
    )


def _wandb(_folder: Path) -> Case:
    words = ["task=train", *_TRAIN, "recipe.epochs=4", "logger=wandb"]
    return Case(lambda place: [*words, f"output_dir={place}"], _offline)


def _sweep(_folder: Path) -> Case:
    words = ["-m", *_SEARCH, "search.iterations=2000", "search=zen,params", "seed=0,1"]
    return Case(lambda place: [*words, f"output_dir={place}"])


KINDS: dict[str, Callable[[Path], Case]] = {
    "search": _plain("search=zen_monte_carlo", *_SEARCH, "proxy.resolution=16", "proxy.batch_size=2", "search.iterations=200"),
    "search, closed form": _plain("search=zen", "budget=params1M", "search.population_size=64", "search.iterations=40000",
                                  "search.finalists=2", "search.rerank.resolution=16", "search.rerank.batch_size=4"),
    "search, restarts": _plain("search=zen", *_SEARCH, "search.restarts=4", "search.iterations=20000"),
    "search, workers": _plain("search=naswot", *_SEARCH, "proxy.resolution=16", "proxy.batch_size=4", "workers=2",
                              "search.iterations=150"),
    "front": _plain("task=pareto", *_SEARCH, "search.iterations=20000"),
    "exact front": _plain("task=pareto", "budget=params1M", "budget.params=30k", "budget.layers=6", "objectives=params",
                          "search.optimizer=exact", "structures=16"),
    "latency search": _plain("search=zen", "budget=latency03ms", "budget.latency_ms=2", "latency.profile=build-cpu",
                             "latency.calibrate=false", "search.population_size=16", "search.finalists=0",
                             "search.iterations=4000"),
    "correlate": _correlate,
    "train": _plain("task=train", *_TRAIN, "recipe.epochs=6", "recipe.mixup=0.2", "recipe.augmentation.erasing=0.5"),
    "distill": _distill,
    "tune": _plain("task=tune", *_TRAIN, "recipe.epochs=3", "tune.trials=3", "tune.startup_trials=1",
                   "tune.space={recipe.lr:{low:0.01,high:0.5,log:true},recipe.mixup:[0,0.2]}"),
    "tune, search": _plain("task=tune", "tune.task=search", "tune.metric=score", "budget=params1M", "search.finalists=0",
                           "search.iterations=2000", "tune.space={search.population_size:{low:8,high:32,log:true}}",
                           "tune.trials=4"),
    "profile": _profile,
    "sweep": _sweep,
    "pipeline": _plain("experiment=quickstart", "budget.params=10k", "search.iterations=2000", "search.finalists=0",
                       "recipe.epochs=3", "limit=128", "trainer=cpu", f"start={STRUCTURE}"),
    "train, W&B offline": _wandb,
}  # fmt: skip
"""Kinds of commands: each returns its command line, after it has made the files that it needs in a folder."""
