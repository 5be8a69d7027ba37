"""What a key of the budget takes is what the class of its limit reads."""

from typing import Any

import pytest

from zen_lightning.budget import KINDS
from zen_lightning.budget.amount import Amount
from zen_lightning.budget.limit import Limit
from zen_lightning.errors import UserError

VALUES = (
    1,
    2.5,
    "200k",
    "0.5M",
    0,
    -1,
    0.2,
    True,
    "auto",
    "x",
    "",
    [1],
    {},
    float("nan"),
    float("inf"),
    2**64,
    "9" * 5000,
    None,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value!r:.20}")
def test_it_takes_what_is_read(kind: type[Limit], value: Any) -> None:
    wrong = Amount(kind).wrong(value, kind.name)
    if (kind.name, value) == ("layers", "auto"):
        assert wrong is None
        return
    try:
        kind.read(value)
    except UserError:
        assert wrong == f"{kind.name}: expected {Amount(kind).phrase(value)}"
        assert " null" not in wrong
    else:
        assert wrong is None
