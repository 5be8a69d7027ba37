"""What the campaigns share: their arguments, commands in this process, and the figures that they print and keep."""

import argparse
import contextlib
import io
import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hydra.core.global_hydra import GlobalHydra
from hypothesis import HealthCheck, Phase, seed, settings


def arguments(about: str, count: int, kinds: Collection[str] = ()) -> argparse.ArgumentParser:
    """Return a parser with the arguments of every campaign.

    Args:
        about: what it does.
        count: its inputs, unless the command line says otherwise.
        kinds: of inputs, some of which may be chosen; all are otherwise.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--seed", type=int, default=0, help="of everything that is drawn")
    parser.add_argument("--count", type=int, default=count, help="number of inputs")
    parser.add_argument("--output", type=Path, help="JSON file for the figures")
    if kinds:
        parser.add_argument("--kinds", nargs="+", choices=sorted(kinds), default=list(kinds))
    return parser


def drawing(count: int, number: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator, above Hypothesis's ``given``: draw so many inputs, the same for the same seed, and nothing else.

    Args:
        count: inputs at most.
        number: the seed.
    """
    only = settings(
        max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    return lambda trial: seed(number)(only(trial))


@contextlib.contextmanager
def memory_limited(most: int) -> Iterator[None]:
    """Let this process take so many bytes at most, and as many as before afterwards: others may run in it, such as tests."""
    before, hardest = resource.getrlimit(resource.RLIMIT_DATA)
    allowed = most if hardest == resource.RLIM_INFINITY else min(most, hardest)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, hardest))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hardest))


def apart(work: Callable[[], Any]) -> Any:
    """Return what a function returns in a forked process: threads that a library starts are not here, where others are forked.

    Raises:
        RuntimeError: it has failed.
    """
    reader, writer = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            with os.fdopen(writer, "wb") as file:
                file.write(pickle.dumps(work()))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        found = file.read()
    if os.waitpid(pid, 0)[1] != 0:
        raise RuntimeError("what was done in a process of its own has failed")
    return pickle.loads(found)


class Ended(NamedTuple):
    """How a command ended.

    Attributes:
        code: its exit code; None where it raised what is no exit.
        out: what it printed.
        err: likewise on stderr.
        fault: what it raised, if that is a fault of the program.
    """

    code: int | None
    out: str
    err: str
    fault: BaseException | None = None


def command(*words: str) -> Ended:
    """Run the command line in this process, which is faster than a new one."""
    from zen_lightning.cli.main import main

    GlobalHydra.instance().clear()
    before, sys.argv = sys.argv, ["run.py", *words]
    out, err = io.StringIO(), io.StringIO()
    code: int | None = 0
    fault: BaseException | None = None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except BaseException as error:
            code, fault = None, error
        finally:
            sys.argv = before
            os.environ["HYDRA_FULL_ERROR"] = "0"
    return Ended(code, out.getvalue(), err.getvalue(), fault)


@contextlib.contextmanager
def reported(name: str, options: argparse.Namespace, figures: dict[str, Any]) -> Iterator[None]:
    """Print the figures of a campaign as it ends, and write them with commit and date where ``--output`` says."""
    began = time.monotonic()
    yield
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    head = {"campaign": name, "seed": options.seed, "commit": commit, "date": time.strftime("%Y-%m-%d")}
    content = {**head, "seconds": round(time.monotonic() - began, 1), **figures}
    print(json.dumps(content, indent=2))
    if options.output is not None:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(content, indent=2) + "\n")


def judged(ended: Ended, began: float, counts: Counter[str], seconds: float) -> str | None:
    """Return what is wrong with how a command ended: it was raw, or hung. It is counted then.

    Args:
        ended: how it ended.
        began: when it was begun, of ``time.monotonic``.
        counts: of ``raw`` and ``hangs``.
        seconds: the longest that a command may take.
    """
    took = time.monotonic() - began
    if ended.fault is None and ended.code in (0, 1, 2) and took <= seconds:
        return None
    counts["raw" if took <= seconds else "hangs"] += 1
    return f"{ended.fault!r:.200}, {took:.0f} s"


def run_campaign(
    name: str, options: argparse.Namespace, figures: dict[str, Any], trial: Callable[[], None], faults: list[str]
) -> int:
    """Run the trials of a campaign in an empty folder, report its figures, and return 1 where there are faults."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder, reported(name, options, figures):
        os.chdir(folder)
        try:
            trial()
        finally:
            os.chdir(before)
    return int(bool(faults))


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows as text in columns."""
    cells = [list(columns), *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[at]) for row in cells) for at in range(len(columns))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)


def outcome_table(counts: Mapping[str, Counter[str]], outcomes: Sequence[str]) -> str:
    """Return how often each kind of file had each outcome as text in columns, and the sum of all kinds."""
    rows = [[name, one.total(), *(one[outcome] or "" for outcome in outcomes)] for name, one in counts.items()]
    total = sum(counts.values(), Counter[str]())
    return table(["file", "inputs", *outcomes], [*rows, ["all", total.total(), *(total[outcome] for outcome in outcomes)]])
