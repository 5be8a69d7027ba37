"""The augmentation's choices."""

import math
from typing import Any

import pytest

from zen_lightning.data.augmentation import Augmentation
from zen_lightning.errors import UserError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"crop": "padd"}, r"recipe\.augmentation\.crop=padd: expected one of pad, resized, none; did you mean 'pad'\?"),
        ({"policy": "cifar"}, r"recipe\.augmentation\.policy=cifar: .*; did you mean 'cifar10'"),
        ({"interpolation": None}, r"recipe\.augmentation\.interpolation=null: expected one of bilinear, bicubic"),
        ({"padding": -1}, r"recipe\.augmentation\.padding=-1"),
        ({"padding": 1.5}, r"recipe\.augmentation\.padding=1\.5"),
        ({"flip": 1.1}, r"recipe\.augmentation\.flip=1\.1: expected a probability from 0 to 1"),
        ({"erasing": True}, r"recipe\.augmentation\.erasing=True"),
        ({"erasing": "often"}, r"recipe\.augmentation\.erasing=often"),
        ({"lighting": -0.1}, r"recipe\.augmentation\.lighting=-0\.1"),
        ({"lighting": math.nan}, r"recipe\.augmentation\.lighting=nan"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Augmentation(**arguments)
