"""JSON with more values than are read is refused before it is parsed, and texts are not taken for values."""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zen_lightning.system.json_text import TooManyValuesError, parse_json

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a,[{"\\]}\né'), max_size=8),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4) | st.dictionaries(st.text(',"[a', max_size=3), inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


def _values(content: Any) -> int:
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    return 1 + sum(map(_values, inner))


@given(_JSON, st.booleans())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_as_many_as_there_are_are_read_and_no_fewer(content: Any, is_ascii: bool) -> None:
    text = json.dumps(content, ensure_ascii=is_ascii).encode()
    values = _values(content)
    assert parse_json(text, values) == content
    if values > 1:
        with pytest.raises(TooManyValuesError):
            parse_json(text, values - 1)


@pytest.mark.parametrize("unit", [b"[],", b"1,", b'{"":{}},', b'"",', b'"\\"",'])
def test_too_many_take_no_memory(unit: bytes) -> None:
    text = b"[" + unit * 200_000 + b"1]"
    tracemalloc.start()
    with pytest.raises(TooManyValuesError, match="more than 100,000 values"):
        parse_json(text, 100_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_quotes_without_end_are_passed_once() -> None:
    with pytest.raises(json.JSONDecodeError):
        parse_json(b'{"a": "' + b'\\",' * 1_000_000, 10)
