"""Breaks YAML of a user: mutated experiments, groups and settings of a machine, composed as a command would.

    python campaigns/yaml_files.py --count 2000

Hypothesis draws shipped files and what is done to them: characters replaced, inserted and deleted, lines deleted, doubled,
moved and indented, values replaced by odd ones, bytes that are no text. Each is checked as ``task=validate`` does, in forks of
this process. A refusal must be a sentence; anything else that is raised, and what takes over 60 seconds, is a fault.
"""

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from campaign import arguments, command, judged, run_campaign
from many_cases import Judged, add_slices, drawn, judge_all, slice_of
from zen_lightning.config import conf_dir

GROUPS = ("experiment", "budget", "recipe", "search", "logger")
SHIPPED = [path for name in GROUPS for path in sorted((conf_dir() / name).glob("*.yaml"))]
ODD = [
    *("null", "[]", "{}", "-1", "1e400", ".nan", "yes", "~", "0x10", "1_000", "2020-01-01", "{a: {b: {c: 1}}}"),
    *("&a [*a]", "*a", "<<: *b", "!!python/name:os.system", "${x}", "${oc.env:NOPE}", "${"),
    *("'", '"', "@", "%", "\t", "? a", "- - -", "|", ">", "\u2028", "\0"),
]
SECONDS = 60


def mutated(content: bytes, draw: Any) -> bytes:
    """Return a file after one to three changes."""
    for _ in range(draw(st.integers(1, 3))):
        lines = content.splitlines(keepends=True) or [b"\n"]
        at, byte = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, max(0, len(content) - 1)))
        change = draw(st.integers(0, 8))
        if change == 0:
            content = content[:byte] + bytes([draw(st.integers(0, 255))]) + content[byte + 1 :]
        elif change == 1:
            content = content[:byte] + draw(st.sampled_from(ODD)).encode() + content[byte:]
        elif change == 2:
            content = content[:byte] + content[byte + 1 :]
        elif change == 3:
            content = b"".join(lines[:at] + lines[at + 1 :])
        elif change == 4:
            content = b"".join([*lines[: at + 1], *lines[at:]])
        elif change == 5:
            content = b"".join([*lines[:at], draw(st.sampled_from([b" ", b"\t", b"    "])) + lines[at], *lines[at + 1 :]])
        elif change == 6:
            key = lines[at].partition(b":")[0]
            content = b"".join([*lines[:at], key + b": " + draw(st.sampled_from(ODD)).encode() + b"\n", *lines[at + 1 :]])
        elif change == 7:
            content = content[:byte]
        else:
            content = b"".join([*lines[at:], *lines[:at]])
    return content


class Case(NamedTuple):
    """A file of a group, after its changes."""

    group: str
    content: bytes


@st.composite
def cases_of(draw: Any) -> Case:
    """Draw a shipped file and its changes."""
    source = draw(st.sampled_from(SHIPPED))
    return Case(source.parent.name, mutated(source.read_bytes(), draw))


def judge(case: Case) -> Judged:
    """Return how the check of a command that chooses the file ended."""
    place = Path("conf") / case.group
    place.mkdir(parents=True, exist_ok=True)
    (place / "mutated.yaml").write_bytes(case.content)
    began = time.monotonic()
    ended = command("--config-dir=conf", f"{case.group}=mutated", "task=zoo", "task=validate")
    counts: Counter[str] = Counter()
    fault = judged(ended, began, counts, SECONDS)
    if fault is not None:
        return Judged(next(iter(counts)), f"{case.group}, {case.content[:400]!r}: {fault}")
    return Judged("accepted" if ended.code == 0 else "refused")


def main(words: list[str] | None = None) -> int:
    """Run the campaign of the command line; return 1 where there was a fault."""
    parser = arguments(__doc__.splitlines()[0], 2000)
    add_slices(parser)
    options = parser.parse_args(words)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    figures: dict[str, Any] = {"outcomes": counts, "faults": faults}
    cases = drawn(cases_of(), options.count, options.seed)[slice_of(options)]

    def trial() -> None:
        command("task=zoo", "task=validate")  # Imports what the forks would import each.
        judge_all(cases, judge, SECONDS, options.processes, counts, faults)

    return run_campaign("yaml_files", options, figures, trial, faults)


if __name__ == "__main__":
    sys.exit(main())
