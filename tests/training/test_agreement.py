"""What one process wishes, all do after the same step; and they ask each other rarely."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from training.agreement_steps import BATCHES, CASES, EPOCHS, Clock, train
from zen_lightning.training.agreement import Agreement

Results = list[dict[str, Any]]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Results]:
    """What two processes did in each of the cases."""
    folder = tmp_path_factory.mktemp("agreement")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "OMP_NUM_THREADS": "1"}
    script = str(Path(__file__).with_name("agreement_steps.py"))
    children = [subprocess.Popen([sys.executable, script, str(rank), str(folder)], env=env) for rank in range(2)]
    assert [child.wait(600) for child in children] == [0, 0]
    first, second = (json.loads((folder / f"{rank}.json").read_text()) for rank in range(2))
    return first, second


@pytest.mark.long
def test_two_processes_agree(two: tuple[Results, Results]) -> None:
    for one, other in zip(*two, strict=True):
        assert one["agreed"] == other["agreed"]
        assert one["looks"] == other["looks"]
        assert one["largest"] == other["largest"] == [1.0, 0.0]


@pytest.mark.long
def test_a_second_or_a_step_passes_before_all_know(two: tuple[Results, Results]) -> None:
    for (step, wished, each), one in zip(CASES[:-1], two[0], strict=False):
        assert wished <= one["agreed"][0] <= wished + max(each, round(1 / step)), (step, each)
        # Before the last step of an epoch there is a look, whatever the time.
        assert {BATCHES - each, 2 * BATCHES - each} <= set(one["looks"])


@pytest.mark.long
def test_looks_are_rare(two: tuple[Results, Results]) -> None:
    looks = set(two[0][-1]["looks"])
    assert len(looks) <= BATCHES * EPOCHS / 18 + 4 * EPOCHS  # Steps of 0.055 s in the slower process; some more at the start.


def test_one_process_looks_at_every_step() -> None:
    result = train(Agreement(), Clock(), 1, 1, 0.01, 7, 1)
    assert result["agreed"][0] == 7
    assert set(range(1, BATCHES * EPOCHS + 1)) <= set(result["looks"])
    result = train(Agreement(), Clock(), 1, 1, 0.01, 7, 4)
    assert result["agreed"][0] == 8  # Between batches whose gradients are added up, nothing can be saved.
