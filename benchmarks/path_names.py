"""Awkward names of files and folders, in every key that takes a path: in single runs, sweeps and resume.

    python benchmarks/path_names.py --names 200

Draws names from the characters that a file system allows, makes what a key needs under each name, runs a small command, and
counts those that fail. Names with a reference of OmegaConf (``${``) are left out: they are refused with a sentence.
"""

import argparse
import contextlib
import io
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hydra.core.global_hydra import GlobalHydra

from zen_lightning.cli.main import execute, explain
from zen_lightning.system.csv_files import write_csv

LETTERS = "abcdeXYZ0189=,()[]{}&|;:!?*~'\"\\ .-_+@#%^$<>é中ß"
NET = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperConvK1BNRELU(16,32,1,1)"
SEARCH = ("budget=params1M", "search.iterations=16", "search.population_size=8", "search.finalists=0")


def names(count: int, seed: int) -> list[str]:
    drawn = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        name = "".join(drawn.choices(LETTERS, k=drawn.randint(1, 16)))
        if name.strip() == name and name not in (".", "..") and name[0] != "~" and "${" not in name:
            found[name] = None
    return list(found)


def run(*arguments: str) -> str | None:
    """Run a command; return None, or why it failed."""
    GlobalHydra.instance().clear()
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            execute(list(arguments))
    except SystemExit as stop:
        return None if not stop.code else said.getvalue()[-300:]
    except Exception as error:
        return explain(error) or f"{type(error).__name__}: {error}"
    return None


def commands(base: Path, place: Path) -> dict[str, Callable[[], str | None]]:
    """Return a command for each key; what it needs is made under the name ``place``."""

    def network() -> str:
        place.write_text(NET)
        return str(place)

    def folder(of: str) -> str:
        shutil.copytree(base / of, place)
        return str(place)

    def table() -> str:
        write_csv(
            place, ("architecture", "accuracy"), [(NET, 1.0), (NET.replace("16", "24"), 2.0), (NET.replace("32", "40"), 3.0)]
        )
        return str(place)

    out = f"output_dir={base / 'out'}"
    return {
        "arch, a file": lambda: run("task=analyze", f"arch={network()}", out),
        "arch, a run": lambda: run("task=analyze", f"arch={folder('search')}", out),
        "arch, two in a sweep": lambda: run("-m", "task=analyze", f"arch={network()},{NET}", f"output_dir={base / 'many'}"),
        "start": lambda: run(*SEARCH, f"start={network()}", out),
        "output_dir": lambda: run("task=analyze", f"arch={NET}", f"output_dir={place}"),
        "output_dir of a sweep": lambda: run("-m", "task=analyze", f"arch={NET}", "resolution=32,64", f"output_dir={place}"),
        "resume": lambda: run(f"resume={folder('search')}", "search.iterations=24"),
        "run": lambda: run("task=report", f"run={folder('search')}"),
        "sweep": lambda: run("task=aggregate", f"sweep={folder('sweep')}", out),
        "accuracies": lambda: run("task=correlate", f"accuracies={table()}", "proxies=[zen,flops]", "resolution=32", out),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began, failed, done = time.monotonic(), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        assert run(*SEARCH, f"output_dir={base / 'search'}") is None
        assert run("-m", *SEARCH, "seed=0,1", f"output_dir={base / 'sweep'}") is None
        for number, name in enumerate(names(options.names, options.seed)):
            for key in commands(base, base / "x"):
                place = base / f"of-{number}" / key.replace(" ", "-").replace(",", "") / name
                place.parent.mkdir(parents=True)
                reason = commands(base, place)[key]()
                done[key] += 1
                if reason is not None:
                    failed[key] += 1
                    print(f"{key}: {name!r}: {reason}", flush=True)
                for used in ("out", "many", f"of-{number}"):
                    shutil.rmtree(base / used, ignore_errors=True)
    for key, count in done.items():
        print(f"{key:24} {count - failed[key]:4} of {count}")
    print(f"{failed.total()} of {done.total()} commands failed; {time.monotonic() - began:.0f} s")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
