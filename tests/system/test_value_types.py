"""What values may be, and the words for it."""

from collections.abc import Sequence
from typing import Any, Literal

import pytest

from zen_lightning.system.annotations import range_of
from zen_lightning.system.value_types import ClassName, Count, Names, OneNetwork, ShareBelow1


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (Count, 1, None),
        (Count, 0, "1 or more"),
        (Count, True, "a whole number, 1 or more"),
        (Count | None, None, None),
        (ShareBelow1 | None, "x", "a number, 0 or more and below 1, or null"),
        (ShareBelow1, 1.5, "0 or more and below 1"),
        (Literal["pad", "none"], "pads", "pad or none"),
        (OneNetwork, 7, "one structure, name of the zoo, file, or folder of a run"),
        (
            OneNetwork | None,
            ["a", "b"],
            "one structure, name of the zoo, file, or folder of a run "
            "(task=compare, task=latency and task=score take several), or null",
        ),
        (Names, ["a", 1], "a name, or a list of names"),
        (Sequence[ClassName] | None, ["cat", 7], None),  # YAML reads a folder called 7 as a number.
        (Sequence[ClassName] | None, [0.5], "a list, each item a name or a whole number, or null"),
    ],
)
def test_what_a_value_may_be(hint: Any, value: Any, expected: str | None) -> None:
    wanted = range_of(hint)
    assert wanted is not None
    if expected is None:
        assert wanted.wrong(value, "key") is None
    else:
        assert wanted.wrong(value, "key") is not None
        assert wanted.phrase(value) == expected
