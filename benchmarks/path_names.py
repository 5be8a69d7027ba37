"""Awkward names of files and folders, in every key that takes a path: in single runs, sweeps and resume.

    python benchmarks/path_names.py --names 200
    python benchmarks/path_names.py --first 100 --names 50     names 100 to 149

Draws names from the characters that a file system allows, makes what a key needs under each name, runs a small command, and
counts those that fail. Names with a reference of OmegaConf (``${``) are left out: they are refused with a sentence. Commands
run in this process, without their HTML reports, and jobs of sweeps in processes forked from it; all else is as from a terminal.
"""

import argparse
import contextlib
import io
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from PIL import Image

from zen_lightning.cli.main import execute, explain
from zen_lightning.latency.profile import profile_path
from zen_lightning.launch import child
from zen_lightning.launch.job import Job
from zen_lightning.system.csv_files import write_csv
from zen_lightning.tasks.many import run_report

LETTERS = "abcdeXYZ0189=,()[]{}&|;:!?*~'\"\\ .-_+@#%^$<>é中ß"
NET = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
OTHERS = (NET.replace("16", "24"), NET.replace("32", "40"))
SEARCH = ("budget=params1M", "search.iterations=16", "search.population_size=8", "search.finalists=0")
FRONT = ("task=pareto", "budget=params1M", "search.iterations=60")
JOBS = 25
"""Jobs of a sweep."""

PETS = ("dataset=image_folder", "dataset.image_size=16", "dataset.verify=false")
TRAINING = ("recipe=small", "recipe.epochs=1", "recipe.batch_size=4", "trainer.accelerator=cpu", "trainer.loader_workers=0")


def names(count: int, seed: int) -> list[str]:
    drawn = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        name = "".join(drawn.choices(LETTERS, k=drawn.randint(1, 16)))
        if name.strip() == name and name not in (".", "..") and name[0] != "~" and "${" not in name:
            found[name] = None
    return list(found)


def forked(job: Job) -> Any:
    """Return the process of a job of a sweep, forked from this one, which has everything imported."""
    return multiprocessing.get_context("fork").Process(target=_run_forked, args=(job,))


def _run_forked(job: Job) -> None:
    GlobalHydra.instance().clear()
    child._run(job)


@contextlib.contextmanager
def captured() -> Iterator[Path]:
    """Send what this process and those it starts print to a file."""
    with tempfile.NamedTemporaryFile("w+") as file:
        before = {number: os.dup(number) for number in (1, 2)}
        try:
            for number in before:
                os.dup2(file.fileno(), number)
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                yield Path(file.name)
        finally:
            for number, copy in before.items():
                os.dup2(copy, number)
                os.close(copy)


def run(*arguments: str) -> str | None:
    """Run a command; return None, or why it failed."""
    GlobalHydra.instance().clear()
    with captured() as said:
        try:
            execute(list(arguments))
        except SystemExit as stop:
            return None if not stop.code else said.read_text(errors="replace")[-300:]
        except Exception as error:
            return explain(error) or f"{type(error).__name__}: {error}"
    return None


def then(first: str | None, *arguments: str) -> str | None:
    """Run a command after another one, unless that has failed."""
    return run(*arguments) if first is None else f"before resume: {first}"


class Commands:
    """A command for each key and way to run it; what it needs is made under an awkward name.

    Args:
        base: the folder of what was made beforehand.
        place: the path with the awkward name; nothing is there.
    """

    def __init__(self, base: Path, place: Path) -> None:
        self.base, self.place = base, place
        self.out = f"output_dir={base / 'out'}"
        self.resume = f"resume={base / 'out'}"

    def network(self) -> str:
        self.place.write_text(NET)
        return str(self.place)

    def folder(self, of: str) -> str:
        shutil.copytree(self.base / of, self.place)
        return str(self.place)

    def file(self, of: Path) -> str:
        shutil.copy(of, self.place)
        return str(self.place)

    def table(self) -> str:
        write_csv(self.place, ("architecture", "accuracy"), list(zip((NET, *OTHERS), (1.0, 2.0, 3.0), strict=True)))
        return str(self.place)

    def profile(self) -> str:
        return self.file(profile_path("build-cpu")) if self.place.suffix == ".json" else self.named_json().profile()

    def named_json(self) -> "Commands":
        return Commands(self.base, self.place.with_name(f"{self.place.name}.json"))

    def weights(self) -> str:
        return self.file(self.base / "trained" / "weights.safetensors")

    def all(self) -> dict[str, Callable[[], str | None]]:
        """Return the commands of single runs, and of sweeps and resumed runs whose own folder is called so."""
        out, base, resume = self.out, self.base, self.resume
        trained, again = f"arch={base / 'trained'}", "search.iterations=24"
        proxies, distilled = "proxies=[flops]", ("task=distill", f"arch={NET}", "teacher=checkpoint", *self.learning())
        evaluated = ("task=evaluate", f"arch={NET}", *self.pets())
        return {
            "arch, a file": lambda: run("task=analyze", f"arch={self.network()}", out),
            "arch, a run": lambda: run("task=analyze", f"arch={self.folder('search')}", out),
            "arch, a list": lambda: run("task=compare", f"arch=[{self.network()},{NET}]", "resolution=32", out),
            "start, then resume": lambda: then(run(*SEARCH, f"start={self.network()}", out), resume, again),
            "output_dir": lambda: run("task=analyze", f"arch={NET}", f"output_dir={self.place}"),
            "output_dir of a sweep": lambda: run("-m", "task=analyze", f"arch={NET}", f"output_dir={self.place}"),
            "resume, trust": lambda: run(f"resume={self.folder('search')}", f"trust={self.place}", again),
            "resume of a sweep": lambda: run(f"resume={self.folder('begun')}"),
            "run": lambda: run("task=report", f"run={self.folder('search')}"),
            "sweep": lambda: run("task=aggregate", f"sweep={self.folder('sweep')}", out),
            "accuracies, then resume": lambda: then(
                run("task=correlate", f"accuracies={self.table()}", proxies, "resolution=32", out), resume, "bootstrap=50"
            ),
            "weights, a file": lambda: run(*evaluated, f"weights={self.weights()}", out),
            "weights, a run": lambda: run(*evaluated, f"weights={self.folder('trained')}", out),
            "dataset.root": lambda: run("task=evaluate", trained, *PETS, f"dataset.root={self.folder('pets')}", out),
            "images": lambda: run("task=predict", trained, f"images={self.folder('pets')}", out),
            "images, a list": lambda: run(
                "task=predict", trained, f"images=[{self.file(base / 'one.png')},{base / 'pets'}]", out
            ),
            "teacher.arch": lambda: run(*distilled, f"teacher.arch={self.folder('trained')}", out),
            "latency.profile": lambda: run("task=analyze", f"arch={NET}", f"latency.profile={self.profile()}", out),
            "beside, then resume": lambda: then(
                run(*FRONT, f"beside={self.folder('front')}", out), resume, "search.iterations=80"
            ),
        }

    def values_of_sweeps(self) -> dict[str, tuple[tuple[str, ...], str, Callable[[], str]]]:
        """Return for each key that a sweep varies the rest of the command, the key, and what makes its value."""
        trained = f"arch={self.base / 'trained'}"
        evaluated = ("task=evaluate", f"arch={NET}", *self.pets())
        accuracies = ("task=correlate", "proxies=[flops]", "resolution=32")
        return {
            "arch, in a sweep": (("task=analyze",), "arch", self.network),
            "start, in a sweep": (SEARCH, "start", self.network),
            "run, in a sweep": (("task=report",), "run", lambda: self.folder("search")),
            "sweep, in a sweep": (("task=aggregate",), "sweep", lambda: self.folder("sweep")),
            "accuracies, in a sweep": (accuracies, "accuracies", self.table),
            "weights, in a sweep": (evaluated, "weights", self.weights),
            "dataset.root, in a sweep": (("task=evaluate", trained, *PETS), "dataset.root", lambda: self.folder("pets")),
            "images, in a sweep": (("task=predict", trained), "images", lambda: self.folder("pets")),
        }

    def pets(self) -> tuple[str, ...]:
        return (*PETS, f"dataset.root={self.base / 'pets'}")

    def learning(self) -> tuple[str, ...]:
        return (*self.pets(), *TRAINING, "distillation.feature_weight=0")


def sweep(key: str, base: Path, drawn: list[str]) -> list[tuple[str, str]]:
    """Run one sweep over awkward names; return those whose job is not done, with the reason."""
    values, command = [], ("", (), "")
    for number, name in enumerate(drawn):
        place = base / "values" / str(number) / name
        place.parent.mkdir(parents=True)
        rest, varied, make = Commands(base, place).values_of_sweeps()[key]
        values.append(make())
        command = ("-m", rest, varied)
    reason = run(command[0], *command[1], f"{command[2]}={','.join(values)}", f"output_dir={base / 'many'}")
    done = {path.parent.name.partition("-")[0] for path in (base / "many").glob("*/result.json")}
    failed = [(name, reason or "no result") for number, name in enumerate(drawn) if str(number) not in done]
    for used in ("many", "values"):
        shutil.rmtree(base / used, ignore_errors=True)
    return failed or ([("all", reason)] if reason else [])


def prepare(base: Path) -> None:
    """Make the runs and images that commands read."""
    for split in ("train", "val"):
        for label in ("cat", "dog"):
            (base / "pets" / split / label).mkdir(parents=True)
            for number in range(4):
                Image.new("RGB", (16, 16), (60 * number, 99, 9)).save(base / "pets" / split / label / f"{number}.png")
    Image.new("RGB", (16, 16)).save(base / "one.png")
    ready = Commands(base, base / "none")
    for name in ("search", "other"):
        assert (why := run(*SEARCH, f"output_dir={base / name}")) is None, why
    assert (why := run("-m", "task=analyze", f"arch={NET},{OTHERS[0]}", f"output_dir={base / 'sweep'}")) is None, why
    assert (why := run(*FRONT, f"output_dir={base / 'front'}")) is None, why
    shutil.copytree(base / "sweep", base / "begun")
    shutil.rmtree(next((base / "begun").glob("1-*")))
    trained = ("task=train", f"arch={NET}", *ready.pets(), *TRAINING)
    assert (why := run(*trained, f"output_dir={base / 'trained'}")) is None, why


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keys", nargs="*", help="only those whose title begins so")
    options = parser.parse_args()
    child._process = forked
    run_report.leave_report = lambda folder, kind: None  # type: ignore[assignment]
    began, failed, done, spent = time.monotonic(), Counter[str](), Counter[str](), Counter[str]()
    drawn = names(options.first + options.names, options.seed)[options.first :]
    wanted = tuple(options.keys or ("",))

    def note(key: str, count: int, start: float, faults: list[tuple[str, str]]) -> None:
        done[key] += count
        spent[key] += round(1000 * (time.monotonic() - start))
        failed[key] += len(faults)
        for name, reason in faults:
            print(f"{key}: {name!r}: {reason}", flush=True)

    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        prepare(base)
        ready = Commands(base, base / "x")
        for number, name in enumerate(drawn):
            for key in filter(lambda key: key.startswith(wanted), ready.all()):
                place = base / f"of-{number}" / key.replace(" ", "-").replace(",", "") / name
                place.parent.mkdir(parents=True)
                start = time.monotonic()
                reason = Commands(base, place).all()[key]()
                note(key, 1, start, [] if reason is None else [(name, reason)])
                for used in ("out", f"of-{number}"):
                    shutil.rmtree(base / used, ignore_errors=True)
        for first in range(0, len(drawn), JOBS):
            for key in filter(lambda key: key.startswith(wanted), ready.values_of_sweeps()):
                start, some = time.monotonic(), drawn[first : first + JOBS]
                note(key, len(some), start, sweep(key, base, some))
    for key, count in done.items():
        print(f"{key:24} {count - failed[key]:4} of {count}   {spent[key] / count / 1000:.2f} s each")
    print(f"{failed.total()} of {done.total()} commands failed; {time.monotonic() - began:.0f} s")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
