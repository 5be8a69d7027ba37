"""The settings of a distillation."""

from typing import Any

import pytest

from zen_lightning.errors import UserError, as_yaml
from zen_lightning.training.distillation import Distillation


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("feature_weight", -1),
        ("logit_weight", "much"),
        ("first_ratio", 0),
        ("first_ratio", 1.5),
        ("clamp", 0),
        ("clamp", "x"),
        ("feature_weight", True),
    ],
)
def test_bad_numbers(key: str, value: Any) -> None:
    with pytest.raises(UserError, match=rf"^{key}={as_yaml(value)}: expected"):
        Distillation(**{key: value})


def test_the_defaults_are_those_of_the_paper() -> None:
    assert Distillation().as_dict() == {
        "feature_weight": 1.0,
        "logit_weight": 1.0,
        "first_ratio": 16,
        "clamp": None,
        "projection_norm": False,
        "projection_relu": False,
    }
