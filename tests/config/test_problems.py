import pytest

from zen_lightning.config.problems import Problem, Problems
from zen_lightning.errors import MissingExtraError, UserError

ERRORS = [
    (UserError("unknown key budget.flps", key="budget.flps", remedy="did you mean 'flops'?"), "budget.flps"),
    (UserError(key="seed", value=-1, expected="0 or more"), "seed"),
    (UserError("the start is over: params 2 > 1", remedy="raise the limit"), "group"),
    (UserError("a structure\n   ^"), "group"),
]


@pytest.mark.parametrize(("error", "key"), ERRORS)
def test_a_problem_has_the_parts_of_its_error(error: UserError, key: str) -> None:
    problems = Problems()
    problems.add(error, "group")
    assert problems.found == [Problem(key, error.what, error.remedy)]


def test_each_problem_is_told_once_and_the_next_ones_are_found() -> None:
    problems = Problems()
    for _ in range(2):
        with problems.noted("seed"):
            raise UserError(key="seed", value=-1, expected="0 or more")
    with problems.noted("logger"):
        raise MissingExtraError("tensorboard", "tensorboard", "logger=tensorboard")
    assert [problem.key for problem in problems.found] == ["seed", "logger"]
    assert problems.found[1].remedy == "pip install 'zen-lightning[tensorboard]'"


def test_a_fault_of_the_program_is_no_problem_of_the_user() -> None:
    with pytest.raises(ZeroDivisionError), Problems().noted("seed"):
        raise ZeroDivisionError
