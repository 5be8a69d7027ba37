"""What the errors of the library say."""

import pickle

import pytest

from zen_lightning.arch import ArchitectureError
from zen_lightning.errors import MissingExtraError, UserError, nearest


@pytest.mark.parametrize(
    ("word", "hint"),
    [("resnt", "; did you mean 'resnet'?"), ("mobile_net", "; did you mean 'mobilenet'?"), ("vit", ""), ("", "")],
)
def test_nearest(word: str, hint: str) -> None:
    assert nearest(word, ["resnet", "mobilenet"]) == hint


def test_nearest_of_nothing() -> None:
    assert nearest("resnet", []) == ""


def test_user_errors_are_value_errors() -> None:
    assert issubclass(UserError, ValueError)
    assert issubclass(ArchitectureError, UserError)


def test_a_missing_extra_names_the_command() -> None:
    error = MissingExtraError("matplotlib", "report", "a plot")
    assert str(error) == "a plot needs the package 'matplotlib': pip install 'zen-lightning[report]'"
    assert error.name == "matplotlib"
    assert isinstance(error, ImportError)


@pytest.mark.parametrize("error", [UserError("what"), MissingExtraError("matplotlib", "report", "a plot")])
def test_pickling(error: Exception) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
