"""Scores as values."""

import pickle

import pytest

from zen_lightning.errors import UserError
from zen_lightning.proxy import CannotScoreError, Score


@pytest.mark.parametrize(
    ("score", "text"),
    [(Score(1.23456), "1.235"), (Score(1.5, None), "1.500"), (Score(1.5, 0.25), "1.500 ± 0.250"), (Score(-2.0, 0.0), "-2.000")],
)
def test_text(score: Score, text: str) -> None:
    assert str(score) == text


def test_no_noise_unless_said() -> None:
    assert Score(2.0).standard_error == 0.0


def test_pickling() -> None:
    assert pickle.loads(pickle.dumps(Score(1.5, 0.25))) == Score(1.5, 0.25)


def test_an_architecture_without_a_score_is_the_users_error() -> None:
    assert issubclass(CannotScoreError, UserError)
    assert str(pickle.loads(pickle.dumps(CannotScoreError("why")))) == "why"
