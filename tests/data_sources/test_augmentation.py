"""The augmentation's choices."""

import math
from typing import Any

import pytest

from zen_lightning.data.augmentation import Augmentation
from zen_lightning.errors import UserError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"crop": "padd"}, r"^crop=padd: did you mean 'pad'\? Choose from: pad, resized, none$"),
        ({"policy": "cifar"}, r"^policy=cifar: did you mean 'cifar10'\?"),
        ({"interpolation": None}, r"^interpolation=null: choose from: bilinear, bicubic$"),
        ({"padding": -1}, r"^padding=-1"),
        ({"padding": 1.5}, r"^padding=1\.5"),
        ({"flip": 1.1}, r"^flip=1\.1: expected a probability from 0 to 1"),
        ({"erasing": True}, r"^erasing=true"),
        ({"erasing": "often"}, r"^erasing=often"),
        ({"lighting": -0.1}, r"^lighting=-0\.1"),
        ({"lighting": math.nan}, r"^lighting=nan"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Augmentation(**arguments)
