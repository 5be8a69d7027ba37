"""The space of a tuning."""

from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from zen_lightning.errors import UserError
from zen_lightning.tasks.many.tune_space import Choices, Interval, override_text, read_space, trial_overrides


def test_intervals_and_choices() -> None:
    space = read_space(
        {
            "recipe.lr": {"low": 0.01, "high": 1, "log": True},
            "recipe": {"epochs": {"low": 5, "high": 17, "step": 5}, "augmentation": {"policy": [None, "cifar10"]}},
            "recipe.mixup": {"low": 0, "high": 1.0},
        }
    )
    assert space == {
        "recipe.lr": Interval(0.01, 1, True, None),
        "recipe.epochs": Interval(5, 15, False, 5),
        "recipe.augmentation.policy": Choices(("null", "cifar10")),
        "recipe.mixup": Interval(0, 1.0, False, None),
    }
    assert [one.is_whole for one in space.values() if isinstance(one, Interval)] == [False, True, False]


@pytest.mark.parametrize("value", [None, True, 3, 1e-05, -0.5, "zen", "a b", "it's", "1e3", "null", [1, [2]], {"a": "x y"}])
def test_values_come_back_from_an_override(value: Any) -> None:
    override = OverridesParser.create().parse_override(f"key={override_text(value)}")
    assert override.value() == value
    assert type(override.value()) is type(value)


def test_overrides_are_in_the_order_of_the_space() -> None:
    space = read_space({"b": [1, 2], "a": {"low": 0.0, "high": 1.0}})
    assert trial_overrides(space, {"a": 0.5, "b": "2"}) == ["b=2", "a=0.5"]


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (None, "expected what to try for each key, such as tune.space="),
        ({}, "expected what to try"),
        ([1], "expected what to try"),
        ({"seed": 3}, "expected an interval such as"),
        ({"a": [1]}, "expected two or more different values"),
        ({"a": [1, 1]}, "expected two or more different values"),
        ({"a": {"low": 0.1}}, "a={low:0.1}: expected numbers"),
        ({"a": {"low": "x", "high": 2}}, "expected numbers"),
        ({"a": {"low": 1, "high": 2, "lgg": True}}, "unknown key lgg; did you mean 'log'"),
        ({"a": {"low": 2, "high": 1}}, "low must be below high"),
        ({"a": {"low": 1, "high": 1}}, "low must be below high"),
        ({"a": {"low": 0, "high": 1, "log": True}}, "log needs a low above 0"),
        ({"a": {"low": 1, "high": 2, "log": 1}}, "expected true or false for log"),
        ({"a": {"low": 1, "high": 9, "log": True, "step": 2}}, "log has no step"),
        ({"a": {"low": 1, "high": 9, "step": 10}}, "step must be above 0, and no more than"),
        ({"task": ["train", "distill"]}, "task is the same in all trials"),
    ],
)
def test_what_cannot_be_tried(space: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_space(space)
