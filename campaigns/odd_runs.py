"""Runs small commands of every task with odd values that are allowed, one or two at once.

    python campaigns/odd_runs.py --count 600

Hypothesis draws a command, one of its keys, or two, and for each a value from the ends of the range that is declared for it, or
the other choices of a group. The command line is checked by ``task=validate``; one that passes is run in a fork of a process
that has imported the packages. Faults: a traceback, a warning of Python or text of a library on the terminal; an exit code that
disagrees with what is said; a minute more than the command takes without odd values; success with a result that is missing or
not finite; a refusal that does not name the key as it was typed; a refusal in the run that the check could have told.
"""

import json
import math
import os
import re
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from campaign import arguments, command, judged, run_campaign
from forked import Command, import_all
from kill_kinds import steady_device
from legal_values import values_of
from many_cases import Judged, add_slices, drawn, judge_all, slice_of
from odd_case import Case, add_odd, cases
from small_commands import COMMANDS, SWEEP, TRAINING, make_others
from zen_lightning.config import register

_LONGER, _CHECK = 60, 60
"""Seconds that a command may take more than without odd values, and those in which it is to be checked."""

_MOVES = 15
"""Seconds within which a command that is at work has told how far it is."""

_MEMORY = 10 << 30
"""Bytes of address space of a command: a value that asks for more is told, and takes no memory from others."""

RAW = re.compile(
    r"Traceback|Warning\b|^\[W|site-packages|object at 0x|NoneType|'\w+' object|[a-z]Error\b|Exception|[Ee]rrno|omegaconf"
    r"|LightningModule|rank_zero|Segmentation|dumped",
    re.MULTILINE,
)
"""What programs print, and no sentence of the project has."""

_JOB_FAILED = re.compile(r"^ *(trial|job) \d+ failed\b", re.MULTILINE)
"""One of several that a command runs, which is told; the others may have succeeded."""

_plain_seconds: dict[str, float] = {}


def _prepare() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    if any(word == "task=profile" for word in sys.argv):
        steady_device()


def judge(case: Case) -> Judged:
    """Return how a command line was checked, and how it ended if it was run."""
    words = [*COMMANDS[case.name], *case.words()]
    shown = case.shown()
    for left in Path().iterdir():  # By the case before.
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    began = time.monotonic()
    counts: Counter[str] = Counter()
    checked = command(*words, "task=validate")
    fault = judged(checked, began, counts, _CHECK)
    if fault is not None:
        return Judged(next(iter(counts)), f"{shown}: task=validate: {fault}")
    said = checked.out + checked.err
    if checked.code != 0:
        if case.is_named(said):
            return Judged("refused by task=validate")
        if case.names_other(said, COMMANDS[case.name]):
            print(f"{shown}: refused with another key: {said:.300}", flush=True)
            return Judged("refused by task=validate, with another key")
        return Judged("refused without the key", f"{shown}: refused without the key: {said:.300}")
    place = Path("run")
    run = Command([*words, f"output_dir={place}"], Path("log"), _prepare)
    if not run.wait(_plain_seconds.get(case.name, 0) + _LONGER):
        works = time.time() - Path("log").stat().st_mtime < _MOVES
        run.kill(True)
        if works:
            return Judged("at work, as it says")
        return Judged("hangs", f"{shown}: over {_LONGER} s more than without: {_end(Path('log'))}")
    return _of_run(case, run.code, Path("log").read_text(errors="replace"), place)


def _of_run(case: Case, code: int | None, said: str, place: Path) -> Judged:
    shown = case.shown()
    raw = RAW.search(said)
    if raw is not None:
        at = max(0, raw.start() - 200)
        return Judged("raw", f"{shown}: exit code {code}: {' '.join(said[at : raw.end() + 400].split())}")
    refused = re.search(r"^error: ", said, re.MULTILINE) is not None and not (code == 0 and _JOB_FAILED.search(said))
    if (code, refused) == (0, False):
        wrong = "; ".join(wrong_results(place))
        return Judged("ran", "") if not wrong else Judged("wrong result", f"{shown}: {wrong}")
    if code == 1 and (failed := _JOB_FAILED.search(said)):  # Of a sweep, which has told all else.
        return Judged("refused by the run", f"{shown}: accepted by task=validate, then: {said[failed.start() :]:.400}")
    if (code, refused) != (2, True):
        return Judged("exit code", f"{shown}: exit code {code}: {said[-400:]}")
    if "has diverged" in said:
        return Judged("ran", "")  # A training says so, which no check can know.
    return Judged("refused by the run", f"{shown}: accepted by task=validate, then: {said[said.rindex('error: ') :]:.400}")


def wrong_results(place: Path) -> Iterator[str]:
    """Yield what is wrong with the files of a run that ended well."""
    results = list(place.rglob("result.json"))
    if not results:
        yield "no result.json"
    for path in place.rglob("*"):
        if path.is_file() and path.stat().st_size == 0 and path.suffix in (".csv", ".json", ".html", ".txt", ".png"):
            yield f"{path} is empty"
    for path in results:
        for key, value in _leaves(json.loads(path.read_text()), ""):
            if isinstance(value, float) and not math.isfinite(value):
                yield f"{path.relative_to(place)}: {key} is {value}"


def _leaves(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, f"{key}.{name}".removeprefix("."))
    else:
        yield key, value


def _end(log: Path) -> str:
    return " ".join(log.read_text(errors="replace")[-300:].split())


def make_files(names: list[str], faults: list[str]) -> None:
    """Run what the commands read, and each of them without odd values, in the present folder."""
    make_others()
    for words in (TRAINING, SWEEP):
        run = Command(words, Path("log"), lambda: None)
        assert run.wait(100), words
        assert run.code == 0, Path("log").read_text()
    Path("plain").mkdir()
    os.chdir("plain")
    for name in names:
        began = time.monotonic()
        found = judge(Case(name, ()))
        _plain_seconds[name] = time.monotonic() - began
        print(f"{name}: {_plain_seconds[name]:.1f} s, {found.outcome} {found.fault}", flush=True)
        if found.outcome != "ran":
            faults.append(found.fault)
    os.chdir("..")


def main(words: list[str] | None = None) -> int:
    """Run the campaign of the command line; return 1 where there was a fault."""
    parser = arguments(__doc__.splitlines()[0], 600, COMMANDS)
    add_odd(parser)
    add_slices(parser)
    options = parser.parse_args(words)
    register()
    values = {name: values_of(COMMANDS[name]) for name in options.kinds}
    counts: Counter[str] = Counter()
    faults: list[str] = []
    figures: dict[str, Any] = {"keys": sum(map(len, values.values())), "outcomes": counts, "faults": faults}
    chosen = drawn(cases(values, options.odd), options.count, options.seed)[slice_of(options)]

    def trial() -> None:
        import_all()
        make_files(options.kinds, faults)
        judge_all(chosen, judge, 2 * _CHECK + _LONGER + 60, options.processes, counts, faults, each=10)

    return run_campaign("odd_runs", options, figures, trial, faults)


if __name__ == "__main__":
    sys.exit(main())
