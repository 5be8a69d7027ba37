"""Whether a refusal names what was odd, or only a word that is also a key."""

import importlib
from pathlib import Path
from typing import Any

import pytest

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
WORDS = ("task=search", "search=zen", "arch=net.txt", "search.iterations=5", "-m")


@pytest.fixture
def odd_case(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(CAMPAIGNS))
    return importlib.import_module("odd_case")


@pytest.mark.parametrize(
    ("key", "value", "said", "named"),
    [
        ("recipe.lr", "0", "recipe.lr=0: expected a number above 0", True),
        ("recipe.lr", "0", "it depends on recipe.lr.", True),
        ("recipe.lr", "0", "expected recipe.lr_final", False),
        ("search", "zen", "unknown key search.iterations", False),
        ("search", "zen", "the search.", True),
        ("tune.space", "{a:1}", "tune.space.a: no such key", True),
        ("lr", "0", "recipe.lr=0", False),
    ],
)
def test_a_key_is_named_as_it_was_typed(odd_case: Any, key: str, value: str, said: str, named: bool) -> None:
    assert odd_case.Case("search", ((key, value),)).is_named(said) is named


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("the search cannot begin, and the arch is odd, and so is the task", False),
        ("search=zen: it cannot begin", True),
        ("search.iterations must be larger", True),
        ("search.iterations.x must be larger", False),
    ],
)
def test_words_of_sentences_are_no_keys(odd_case: Any, said: str, other: bool) -> None:
    case = odd_case.Case("search", (("recipe.lr", "0"),))
    assert (case.is_named(said), case.names_other(said, WORDS)) == (False, other)
