"""Damages files of every kind that is read, and reads them: is it noticed, and said in a sentence?

    python campaigns/damage.py --count 20000

Every file is cut short at every 5% of its length, and each of its lines (60 of them at most) is deleted, doubled, and swapped
with the next; what is left of the count are single flipped bits, drawn by Hypothesis. What reading may come to:

- refused: a sentence that names the file;
- unchanged: what is read is what was written (a flipped bit in the layout of JSON, say);
- as none: the file counts as missing, where that costs time and changes nothing (a cache, the record of a job);
- as after a kill: of a journal, the lines before the damage, where nothing whole follows it;
- changed: a silent difference, a fault; of what users write by hand, which has no checksum, it is counted apart;
- raw: anything but a sentence, a fault.
"""

import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campaign import arguments, drawing, memory_limited, outcome_table, reported
from damage_kinds import Kind, kinds
from zen_lightning.errors import UserError

_MOST_LINES = 60
_MOST_MEMORY = 10 * 2**30
"""Bytes of this process, so that a damaged size is an error here, and not the end of what else runs on the machine."""
OUTCOMES = ("refused", "unchanged", "as none", "as after a kill", "changed by hand", "changed", "raw")
FAULTS = ("changed", "raw")


class Campaign:
    """Damages files and counts what reading them came to.

    Args:
        found: the kinds of files.

    Attributes:
        counts: outcomes by kind.
        faults: sentences about what must not be.
    """

    def __init__(self, found: list[Kind]) -> None:
        self.kinds = found
        self.sound = [kind.path.read_bytes() for kind in found]
        self.values = [kind.read() for kind in found]
        self.counts: dict[str, Counter[str]] = {kind.name: Counter() for kind in found}
        self.faults: list[str] = []
        for kind, content in zip(found, self.sound, strict=True):
            if kind.read() != self.values[found.index(kind)]:
                raise RuntimeError(f"{kind.name} does not read the same twice")
            kind.path.write_bytes(content)

    def try_one(self, number: int, damaged: bytes, what: str) -> None:
        """Read a damaged file, and put the sound one back."""
        kind = self.kinds[number]
        kind.path.write_bytes(damaged)
        try:
            outcome = self._outcome(kind, self.values[number], what)
        except UserError as error:
            outcome = "refused" if str(kind.path.parent) in str(error) or not kind.guarded else "raw"
            if outcome == "raw":
                self.faults.append(f"{kind.name}, {what}: the sentence names no file: {error}")
        except Exception as error:
            outcome = "raw"
            self.faults.append(f"{kind.name}, {what}: {type(error).__name__}: {str(error)[:120]}")
        finally:
            kind.path.write_bytes(self.sound[number])
        self.counts[kind.name][outcome] += 1

    def _outcome(self, kind: Kind, value: Any, what: str) -> str:
        found = kind.read()
        if found == value:
            return "unchanged"
        if found is None:
            return "as none"
        if kind.grows and list(found) == list(value)[: len(found)]:
            return "as after a kill"
        if not kind.guarded:
            return "changed by hand"
        self.faults.append(f"{kind.name}, {what}: read as if nothing had happened")
        return "changed"

    def systematic(self) -> Iterator[tuple[int, bytes, str]]:
        """Yield truncations, and deleted, doubled and swapped lines, of every kind."""
        for number, content in enumerate(self.sound):
            for percent in range(0, 100, 5):
                yield number, content[: len(content) * percent // 100], f"cut at {percent}%"
            lines = content.splitlines(keepends=True)
            step = max(1, len(lines) // _MOST_LINES)
            for at in range(0, len(lines), step):
                yield number, b"".join(lines[:at] + lines[at + 1 :]), f"line {at + 1} deleted"
                yield number, b"".join([*lines[: at + 1], *lines[at:]]), f"line {at + 1} doubled"
                if at + 1 < len(lines) and lines[at] != lines[at + 1]:
                    swapped = [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
                    yield number, b"".join(swapped), f"lines {at + 1} and {at + 2} swapped"

    def flip(self, number: int, bit: int) -> None:
        """Flip a bit of a file, and read it."""
        damaged = bytearray(self.sound[number])
        bit %= 8 * len(damaged)
        damaged[bit // 8] ^= 1 << bit % 8
        self.try_one(number, bytes(damaged), f"bit {bit} flipped")


def run(count: int, number: int, folder: Path) -> Campaign:
    """Run the campaign.

    Args:
        count: number of inputs.
        number: the seed.
        folder: an empty folder for the files.
    """
    campaign = Campaign(kinds(folder))
    done = 0
    for one in campaign.systematic():
        campaign.try_one(*one)
        done += 1

    @drawing(max(1, count - done), number)
    @given(st.integers(0, len(campaign.kinds) - 1), st.integers(0, 2**31 - 1))
    def flips(kind: int, bit: int) -> None:
        campaign.flip(kind, bit)

    flips()
    return campaign


def main(words: list[str] | None = None) -> int:
    """Run the campaign of the command line; return 1 where there was a fault."""
    options = arguments(__doc__.splitlines()[0], 3000).parse_args(words)
    warnings.simplefilter("ignore")
    figures: dict[str, Any] = {}
    with memory_limited(_MOST_MEMORY), tempfile.TemporaryDirectory() as folder, reported("damage", options, figures):
        campaign = run(options.count, options.seed, Path(folder))
        figures["inputs"] = sum(sum(one.values()) for one in campaign.counts.values())
        figures["outcomes"] = {name: dict(one) for name, one in campaign.counts.items()}
        figures["faults"] = campaign.faults
    print(outcome_table(campaign.counts, OUTCOMES))
    return int(bool(campaign.faults))


if __name__ == "__main__":
    sys.exit(main())
