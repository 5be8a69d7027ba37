import pytest

from zen_lightning.config.problems import Problem, Problems
from zen_lightning.errors import MissingExtraError, UserError

SENTENCES = [
    ("unknown key budget.flps; did you mean 'flops'?", ("budget.flps", "unknown key budget.flps", "did you mean 'flops'?")),
    ("seed=-1: expected 0 or more", ("seed", "seed=-1", "expected 0 or more")),
    ("proxy.x is missing: Thing needs it", ("proxy.x", "proxy.x is missing: Thing needs it", "")),
    ("the start is over: params 2 > 1. Raise the limit", ("group", "the start is over: params 2 > 1", "Raise the limit")),
    ("a structure\n   ^", ("group", "a structure\n   ^", "")),
]


@pytest.mark.parametrize(("sentence", "parts"), SENTENCES)
def test_a_sentence_is_taken_apart(sentence: str, parts: tuple[str, str, str]) -> None:
    problems = Problems()
    problems.add(sentence, "group")
    assert problems.found == [Problem(*parts)]


def test_each_problem_is_told_once_and_the_next_ones_are_found() -> None:
    problems = Problems()
    for _ in range(2):
        with problems.noted("seed"):
            raise UserError("seed=-1: expected 0 or more")
    with problems.noted("logger"):
        raise MissingExtraError("tensorboard", "tensorboard", "logger=tensorboard")
    assert [problem.key for problem in problems.found] == ["seed", "logger"]
    assert problems.found[1].remedy == "pip install 'zen-lightning[tensorboard]'"


def test_a_fault_of_the_program_is_no_problem_of_the_user() -> None:
    with pytest.raises(ZeroDivisionError), Problems().noted("seed"):
        raise ZeroDivisionError
