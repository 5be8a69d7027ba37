"""What the errors of the library say."""

import pickle

import pytest

from zen_lightning.arch import ArchitectureError
from zen_lightning.errors import MissingExtraError, UserError, keyed, nearest


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


def test_keys_take_the_place_of_parameters_in_the_whole_sentence() -> None:
    error = UserError("more than {epochs}", key="warmup", value=5, remedy="lower {warmup}, not {this}", involves=["epochs"])
    assert str(error) == "warmup=5: more than epochs; lower warmup, not {this}"
    with pytest.raises(UserError) as caught, keyed({"warmup": "recipe.warmup_epochs", "epochs": "recipe.epochs"}):
        raise error
    assert str(caught.value) == "recipe.warmup_epochs=5: more than recipe.epochs; lower recipe.warmup_epochs, not {this}"
    assert (caught.value.key, caught.value.involves) == ("recipe.warmup_epochs", ("recipe.epochs",))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_group_names_its_keys_and_itself() -> None:
    with pytest.raises(UserError) as caught, keyed("recipe"):
        raise UserError("nothing to train", involves=["epochs"], remedy="raise {epochs}")
    assert (caught.value.key, str(caught.value)) == ("recipe", "nothing to train: raise recipe.epochs")


def test_words_of_python_become_those_of_yaml() -> None:
    error = UserError(key="layers", value=1e20, expected="a whole number, or {None}", remedy="{True} or {False}")
    assert str(error) == "layers=1e+20: expected a whole number, or None; True or False"
    with pytest.raises(UserError) as caught, keyed("budget"):
        raise error
    assert str(caught.value) == "budget.layers=1e+20: expected a whole number, or null; true or false"
