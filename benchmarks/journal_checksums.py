"""What the checksums of a journal cost a search, in time and in bytes, and whether damage is found.

    python benchmarks/journal_checksums.py

A search under 600M FLOPs leaves a journal; the time of every checksum in it is compared with the search's own. Then copies of
the journal are damaged: a bit flipped, a line removed, doubled or swapped with the next, the end cut off. A copy that is read
must hold nothing but the first records of the original. About a minute.
"""

import argparse
import io
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median

import yaml

from common import ROOT, header, row
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit
from zen_lightning.errors import UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.run import SearchSetup, run_search
from zen_lightning.space import search_space
from zen_lightning.system.journal import read_lines

ROUNDS = 5


def search(iterations: int, path: Path) -> float:
    """Search, and return the seconds it took."""
    space = search_space("mobilenet")
    start = yaml.safe_load((ROOT / "conf" / "budget" / "flops600M.yaml").read_text())["start"]
    limits = Budget([LayersLimit(14), FlopsLimit(600_000_000, 224, 1000)])
    setup = SearchSetup(space, ZenClosedForm(resolution=224), limits, space.parse(start), seed=1, iterations=iterations)
    began = time.perf_counter()
    run_search(setup, 0, path, lambda progress: None)
    return time.perf_counter() - began


def checksum_seconds(lines: list[bytes]) -> float:
    """Return the seconds that the checksums of a journal take as it is written."""
    began, crc = time.perf_counter(), 0
    for line in lines:
        body = line[: line.rindex(b',"crc":')]
        b"%b%b%d}\n" % (body, b',"crc":', zlib.crc32(body, crc))
        crc = zlib.crc32(line, crc)
    return time.perf_counter() - began


def flipped(content: bytes, rng: Random) -> bytes:
    """Return the content with one bit flipped."""
    damaged = bytearray(content)
    damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _on_lines(change: Callable[[list[bytes], int], None]) -> Callable[[bytes, Random], bytes]:
    def damaged(content: bytes, rng: Random) -> bytes:
        lines = content.splitlines(keepends=True)
        change(lines, rng.randrange(len(lines) - 1))
        return b"".join(lines)

    return damaged


def _swap(lines: list[bytes], at: int) -> None:
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


DAMAGE: dict[str, Callable[[bytes, Random], bytes]] = {
    "bit flipped": flipped,
    "line removed": _on_lines(lambda lines, at: lines.pop(at) and None),
    "line doubled": _on_lines(lambda lines, at: lines.insert(at, lines[at])),
    "lines swapped": _on_lines(_swap),
    "end cut off": lambda content, rng: content[: rng.randrange(1, len(content))],
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--iterations", type=int, default=100_000)
    parser.add_argument("--copies", type=int, default=100, help="damaged in each way")
    options = parser.parse_args()
    header()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        seconds = search(options.iterations, path)
        content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    spent = median(checksum_seconds(lines) for _ in range(ROUNDS))
    print(f"{options.iterations:,} iterations in {seconds:.1f} s; journal of {len(lines)} lines, {len(content) / 1e6:.2f} MB")
    row(
        "checksums, share of the search's time",
        f"{spent / seconds:.3%} ({1000 * spent:.1f} ms)",
        "< 1%",
        spent < 0.01 * seconds,
    )
    added = sum(len(line) - len(line[: line.rindex(b',"crc":')]) - 2 for line in lines)
    print(f"bytes that they add: {added} of {len(content)} ({added / len(content):.3%})")
    sound, rng = read_lines(io.BytesIO(content), Path("journal"), "").records, Random(0)
    outcomes: Counter[tuple[str, str]] = Counter()
    for kind, damage in DAMAGE.items():
        for _ in range(options.copies):
            try:
                records = read_lines(io.BytesIO(damage(content, rng)), Path("journal"), "").records
            except UserError:
                outcomes[kind, "refused"] += 1
            else:
                same = records == sound[: len(records)]
                outcomes[kind, "first records read" if same else "WRONG"] += 1
    for kind in DAMAGE:
        print(f"{kind}: {', '.join(f'{outcome} {count}' for (of, outcome), count in outcomes.items() if of == kind)}")
    wrong = sum(count for (_, outcome), count in outcomes.items() if outcome == "WRONG")
    row(f"copies read as something else, of {len(DAMAGE) * options.copies}", str(wrong), "0", wrong == 0)


if __name__ == "__main__":
    main()
