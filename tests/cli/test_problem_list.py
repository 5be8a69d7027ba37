import pytest

from zen_lightning.cli.problem_list import print_problems
from zen_lightning.config.problems import Problem


def test_problems_are_a_numbered_list(capsys: pytest.CaptureFixture[str]) -> None:
    print_problems([Problem("seed", "seed=-1", "expected 0 or more"), Problem("arch", "Super(\n     ^")])
    expected = ["2 problems; nothing was started", "", "1. seed", "   seed=-1", "   -> expected 0 or more", "", "2. arch"]
    assert capsys.readouterr().out.splitlines() == [*expected, "   Super(", "        ^"]
