"""The numbers of a recipe."""

import math
from typing import Any

import pytest

from zen_lightning.errors import UserError
from zen_lightning.training.recipe import Recipe


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epochs": 0}, r"^epochs=0: expected 1 or more"),
        ({"lr": -0.1}, r"^lr=-0\.1"),
        ({"momentum": 1.0}, r"^momentum=1\.0: expected 0 or more and below 1"),
        ({"ema": 1.5}, r"^ema=1\.5"),
        ({"mixup": "yes"}, r"^mixup=yes"),
        (
            {"schedule": "step"},
            r"^schedule=step: did you mean 'stages'\? Choose from: cosine, linear, one_cycle, stages, constant$",
        ),
        (
            {"optimizer": "adam"},
            r"^optimizer=adam: did you mean 'adamw'\? Choose from: sgd, adamw, lamb, lion, muon; another one",
        ),
        ({"optimizer": {"lr": 1}}, r"^optimizer=.*: expected one of sgd, .*, or a class with its arguments"),
        ({"betas": [0.9, 1.5]}, r"^betas=\[0\.9, 1\.5\]: expected numbers from 0 to below 1"),
        ({"betas": False}, r"^betas=false: expected numbers from 0 to below 1"),
        ({"no_decay": -math.inf}, r"^no_decay=-inf: expected a list of 'bias', 'norm'"),
        ({"no_decay": "bias"}, r"^no_decay=bias: expected a list of 'bias', 'norm'"),
        ({"layer_decay": 2}, r"^layer_decay=2: expected a number above 0 and 1 or less"),
        ({"frozen_stages": -1}, r"^frozen_stages=-1: expected a number of stages, 0 or more, or all"),
        ({"frozen_epochs": 3}, r"^frozen_epochs=3: nothing is frozen; say how many stages are, by frozen_stages=N"),
        ({"loss": "mse"}, r"^loss=mse: choose from: ce, bce"),
        ({"epochs": 3, "warmup_epochs": 3}, r"^warmup_epochs=3: nothing is left of epochs=3"),
        ({"momentum": 0.0}, r"^nesterov=true: it needs a momentum"),
    ],
)
def test_numbers_that_cannot_be_used(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Recipe(**arguments)


def test_the_defaults_are_the_papers_on_cifar() -> None:
    recipe = Recipe().as_dict()
    published = {"epochs": 1440, "warmup_epochs": 5, "batch_size": 64, "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4}
    assert published.items() <= recipe.items()
    assert (recipe["bn_momentum"], recipe["label_smoothing"], recipe["mixup"], recipe["nesterov"]) == (0.01, 0.1, 0.2, True)
