"""Every shipped teacher composes, and there is what it names."""

import pytest
from hydra.utils import get_object

from command_line import choices, composed
from zen_lightning.errors import UserError
from zen_lightning.tasks.training.teacher import read_distillation, read_teacher


@pytest.mark.parametrize("name", choices("teacher"))
def test_teachers(name: str) -> None:
    node = composed("task=distill", f"teacher={name}", "dataset=digits").teacher
    assert node.name == name
    assert name == "none" or callable(get_object(node._target_))


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["teacher=none"], "task=distill needs a teacher"),
        (["teacher=checkpoint"], "teacher=checkpoint needs teacher.arch="),
        (["teacher=checkpoint", "teacher.arch='${seed}'"], "teacher.arch=0: expected text; it refers to seed"),
    ],
)
def test_a_distillation_without_what_it_needs_is_refused(overrides: list[str], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        read_teacher(composed("task=distill", *overrides))
    assert str(caught.value).startswith(sentence)


def test_how_a_run_distills() -> None:
    assert read_distillation(composed("task=distill", "distillation.first_ratio=4")).first_ratio == 4
