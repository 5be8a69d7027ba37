"""JSON parsed within bounds: how many values a text has is known before any of them is made."""

import json
import re
from itertools import islice
from typing import Any

BYTES_A_VALUE = 16
"""Bytes of a file for each value that may be in it. A choice: sweeps have 20 or more; an empty list has 3, and 64 in memory."""

_BEFORE_VALUES = (b",", b"[", b"{")
"""What each value but the outermost follows. An empty list or object has it too, and counts twice."""

_PARTS = re.compile(rb'(?!\Z)(?:"(?:[^"\\]++|\\.)*+"?|[^",\[{]++)*+(?:[,\[{]|\Z)', re.DOTALL)
"""Parts of a text that each end before a value, or with the text.

What is quoted is passed over as a whole, even if the quote does not end: each byte is looked at once.
"""


class TooManyValuesError(ValueError):
    """A text has more values than are read."""

    def __init__(self, most: int) -> None:
        super().__init__(f"it holds more than {most:,} values")


def parse_json(content: bytes, most: int) -> Any:
    """Return what a text of JSON holds.

    Args:
        content: the text, in UTF-8.
        most: values at most, lists and objects counted too.

    Raises:
        TooManyValuesError: it has more, told before memory is taken for them.
        ValueError: it is no JSON: a JSONDecodeError or UnicodeDecodeError, or a number with thousands of digits.
        RecursionError: it is nested too deeply.

    Example:
        >>> parse_json(b'{"a": [1, "2,3,4,5"]}', most=4)
        {'a': [1, '2,3,4,5']}
        >>> parse_json(b"[[], [], []]", most=6)
        Traceback (most recent call last):
        zen_lightning.system.json_text.TooManyValuesError: it holds more than 6 values
    """
    if sum(map(content.count, _BEFORE_VALUES)) >= most and next(islice(_PARTS.finditer(content), most, None), None):
        raise TooManyValuesError(most)
    return json.loads(content.decode("utf-8"))
