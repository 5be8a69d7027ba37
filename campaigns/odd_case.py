"""A command line with odd values for some of its keys: how it is drawn, and whether what is said of it names them."""

import re
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hypothesis import strategies as st


class Case(NamedTuple):
    """A command, and odd values of its keys.

    Attributes:
        name: of the command.
        odd: keys and their values.
    """

    name: str
    odd: tuple[tuple[str, str], ...]

    def words(self) -> list[str]:
        """Return what is added to the command line."""
        return [f"{key}={value}" for key, value in self.odd]

    def shown(self) -> str:
        """Return it as it is told."""
        return f"{self.name}, {' '.join(f'{key}={value:.60}' for key, value in self.odd)}"

    def is_named(self, said: str) -> bool:
        """Whether a text has one of the keys as it was typed, or what is in it where its value is a list or a mapping."""
        return any(_has(said, key, r"(?!\w)" if value[:1] in ("{", "[") else r"(?!\.?\w)") for key, value in self.odd)

    def names_other(self, said: str, words: Sequence[str]) -> bool:
        """Whether a text has the key of one of the other words of the command line.

        A key without a dot, such as ``search`` or ``images``, is a word of many sentences, and counts only as ``search=``.
        """
        keys = [word.partition("=")[0] for word in words if "=" in word]
        return any(_has(said, key, r"(?!\.?\w)" if "." in key else "=") for key in keys)


def _has(said: str, key: str, after: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(key)}{after}", said) is not None


def add_odd(parser: ArgumentParser) -> None:
    """Add the argument that says how many values are odd."""
    parser.add_argument("--odd", type=int, choices=(1, 2, 3), default=1, help="odd values in each command line")


def cases(values: Mapping[str, Mapping[str, Sequence[str]]], odd: int) -> st.SearchStrategy[Case]:
    """Return what draws a command and its odd values.

    Args:
        values: of each command, the keys, and what may be drawn for each.
        odd: how many keys get a value.
    """

    def of_command(name: str) -> st.SearchStrategy[Case]:
        one = st.sampled_from(list(values[name])).flatmap(
            lambda key: st.tuples(st.just(key), st.sampled_from(values[name][key]))
        )
        several = st.lists(one, min_size=odd, max_size=odd, unique_by=lambda pair: pair[0])
        return st.builds(Case, st.just(name), several.map(tuple))

    return st.sampled_from(sorted(values)).flatmap(of_command)
