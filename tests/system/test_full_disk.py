"""Errors that come of a full disk."""

import errno

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.full_disk import is_full_disk, no_room


def test_an_error_that_was_made_of_that_of_a_full_disk() -> None:
    full, made, other = OSError(errno.ENOSPC, "full"), UserError("no room"), RuntimeError("a writer failed")
    assert not is_full_disk(made)
    assert not is_full_disk(None)
    made.__cause__ = full
    other.__context__ = made
    assert is_full_disk(full)
    assert is_full_disk(made)
    assert is_full_disk(other)


def test_errors_that_were_raised_from_one_another() -> None:
    one, other = UserError("one"), UserError("other")
    one.__cause__, other.__cause__ = other, one
    assert not is_full_disk(one)


@pytest.mark.parametrize(("number", "said"), [(errno.EDQUOT, "quota"), (errno.EFBIG, "larger than the system allows")])
def test_limits_on_what_may_be_written(number: int, said: str) -> None:
    room = no_room(OSError(number, "no"))
    assert room is not None
    assert said in room.said
    assert no_room(OSError(errno.EACCES, "no")) is None
