"""What the tests share does not break them."""

import sys

import pytest


def test_absl_does_not_hold_the_stderr_of_a_test() -> None:
    logging = pytest.importorskip("absl.logging")
    assert logging.get_absl_handler().python_handler.stream is sys.__stderr__
