"""Awkward names of files and folders, in every key that takes a path: in single runs, sweeps and resume.

    python benchmarks/path_names.py --names 200
    python benchmarks/path_names.py --first 100 --names 50     names 100 to 149

Draws names from the characters that a file system allows, makes what keys need under each name, runs small commands, and
counts those that fail; a command may name several paths, each called so, in a folder of its own. Names with a reference of
OmegaConf (``${``) are left out: they are refused with a sentence. Commands run in this process, without HTML reports and plots,
and jobs of sweeps in processes forked from it; Hydra reads each file of ``conf/`` once, not once a command. All else is as from
a terminal.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from in_this_process import run, run_in_this_process, then
from zen_lightning.latency.profile import profile_path
from zen_lightning.system.csv_files import write_csv

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


class Commands:
    """Commands for all keys and ways to run them; what they need is made under an awkward name.

    Args:
        base: the folder of what was made beforehand.
        folder: a new folder, for paths with the awkward name.
        name: the awkward name.
    """

    def __init__(self, base: Path, folder: Path, name: str) -> None:
        self.base, self.within, self.name = base, folder, name
        self.out, self.resume = f"output_dir={base / 'out'}", f"resume={base / 'out'}"

    def place(self, what: str = "one", suffix: str = "") -> Path:
        """Return a path with the awkward name, at which there is nothing, in a folder of its own."""
        (self.within / what).mkdir(parents=True)
        return self.within / what / (self.name if self.name.endswith(suffix) else self.name + suffix)

    def network(self) -> str:
        (place := self.place("network")).write_text(NET)
        return str(place)

    def folder(self, of: str) -> str:
        shutil.copytree(self.base / of, place := self.place(of))
        return str(place)

    def file(self, of: Path, suffix: str = "") -> str:
        shutil.copy(of, place := self.place(of.name, suffix))
        return str(place)

    def table(self) -> str:
        write_csv(
            place := self.place("table"),
            ("architecture", "accuracy"),
            list(zip((NET, *OTHERS), (1.0, 2.0, 3.0), strict=True)),
        )
        return str(place)

    def profile(self) -> str:
        return self.file(profile_path("build-cpu"), ".json")

    def weights(self) -> str:
        return self.file(self.base / "trained" / "weights.safetensors")

    def all(self) -> dict[str, Callable[[], str | None]]:
        """Return the commands of single runs, and of sweeps and resumed runs whose own folder is called so."""
        out, resume = self.out, self.resume
        again, measured = "search.iterations=24", ("proxies=[flops]", "resolution=32")
        distilled = ("task=distill", f"arch={NET}", "teacher=checkpoint", *TRAINING, "distillation.feature_weight=0")

        def listed() -> str:
            return f"images=[{self.file(self.base / 'one.png')},{self.folder('pets')}]"

        def search() -> str | None:
            place = self.place("out")
            first = run(*SEARCH, f"start={self.network()}", f"output_dir={place}")
            return then(first, f"resume={place}", f"trust={place}", again)

        return {
            "arch (a file), latency.profile, output_dir": lambda: run(
                "task=analyze", f"arch={self.network()}", f"latency.profile={self.profile()}", f"output_dir={self.place('out')}"
            ),
            "arch (a list with a run)": lambda: run(
                "task=compare", f"arch=[{self.network()},{self.folder('search')}]", "resolution=32", out
            ),
            "start, output_dir, resume, trust": search,
            "output_dir of a sweep": lambda: run("-m", "task=analyze", f"arch={NET}", f"output_dir={self.place()}"),
            "resume of a sweep": lambda: run(f"resume={self.folder('begun')}"),
            "run": lambda: run("task=report", f"run={self.folder('search')}"),
            "sweep": lambda: run("task=aggregate", f"sweep={self.folder('sweep')}", out),
            "accuracies, then resume": lambda: then(
                run("task=correlate", f"accuracies={self.table()}", *measured, out), resume, "bootstrap=50"
            ),
            "weights (a file), dataset.root": lambda: run(
                "task=evaluate", f"arch={self.network()}", f"weights={self.weights()}", *self.pets(), out
            ),
            "weights (a run), dataset.root": lambda: run(
                "task=evaluate", f"arch={NET}", f"weights={self.folder('trained')}", *self.pets(), out
            ),
            "arch (a run), images (a folder)": lambda: run(
                "task=predict", f"arch={self.folder('trained')}", f"images={self.folder('pets')}", out
            ),
            "arch (a run), images (a list)": lambda: run("task=predict", f"arch={self.folder('trained')}", listed(), out),
            "teacher.arch, dataset.root": lambda: run(*distilled, *self.pets(), f"teacher.arch={self.folder('trained')}", out),
            "beside, then resume": lambda: then(
                run(*FRONT, f"beside={self.folder('front')}", out), resume, "search.iterations=80"
            ),
        }

    def values_of_sweeps(self) -> dict[str, tuple[tuple[str, ...], str, Callable[[], str]]]:
        """Return for each key that a sweep varies the rest of the command, the key, and what makes its value."""
        trained, pets = f"arch={self.base / 'trained'}", f"dataset.root={self.base / 'pets'}"
        accuracies = ("task=correlate", "proxies=[flops]", "resolution=32")
        return {
            "arch, in a sweep": (("task=analyze",), "arch", self.network),
            "start, in a sweep": (SEARCH, "start", self.network),
            "run, in a sweep": (("task=report",), "run", lambda: self.folder("search")),
            "sweep, in a sweep": (("task=aggregate",), "sweep", lambda: self.folder("sweep")),
            "accuracies, in a sweep": (accuracies, "accuracies", self.table),
            "weights, in a sweep": (("task=evaluate", f"arch={NET}", *PETS, pets), "weights", self.weights),
            "dataset.root, in a sweep": (("task=evaluate", trained, *PETS), "dataset.root", lambda: self.folder("pets")),
            "images, in a sweep": (("task=predict", trained), "images", lambda: self.folder("pets")),
        }

    def pets(self) -> tuple[str, ...]:
        return (*PETS, f"dataset.root={self.folder('pets')}")


def sweep(key: str, base: Path, drawn: list[str]) -> list[tuple[str, str]]:
    """Run one sweep over awkward names; return those whose job is not done, with the reason."""
    values, command = [], ("", (), "")
    for number, name in enumerate(drawn):
        rest, varied, make = Commands(base, base / "values" / str(number), name).values_of_sweeps()[key]
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
    assert (why := run(*SEARCH, f"output_dir={base / 'search'}")) is None, why
    assert (why := run("-m", "task=analyze", f"arch={NET},{OTHERS[0]}", f"output_dir={base / 'sweep'}")) is None, why
    assert (why := run(*FRONT, f"output_dir={base / 'front'}")) is None, why
    shutil.copytree(base / "sweep", base / "begun")
    shutil.rmtree(next((base / "begun").glob("1-*")))
    trained = ("task=train", f"arch={NET}", *PETS, f"dataset.root={base / 'pets'}", *TRAINING)
    assert (why := run(*trained, f"output_dir={base / 'trained'}")) is None, why


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keys", nargs="*", help="only those whose title begins so")
    options = parser.parse_args()
    run_in_this_process()
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
        ready = Commands(base, base, "x")
        for name in drawn:
            for key in filter(lambda key: key.startswith(wanted), ready.all()):
                start = time.monotonic()
                reason = Commands(base, base / "awkward", name).all()[key]()
                note(key, 1, start, [] if reason is None else [(name, reason)])
                for used in ("out", "awkward"):
                    shutil.rmtree(base / used, ignore_errors=True)
        for first in range(0, len(drawn), JOBS):
            for key in filter(lambda key: key.startswith(wanted), ready.values_of_sweeps()):
                start, some = time.monotonic(), drawn[first : first + JOBS]
                note(key, len(some), start, sweep(key, base, some))
    for key, count in done.items():
        print(f"{key:42} {count - failed[key]:4} of {count}   {spent[key] / count / 1000:.2f} s each")
    print(f"{failed.total()} of {done.total()} commands failed; {time.monotonic() - began:.0f} s")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
