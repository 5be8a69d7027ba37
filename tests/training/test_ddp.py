"""Two processes with gloo do what one does with their batches together."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def curve(*arguments: str) -> dict[str, Any]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "LOCAL_RANK", "MASTER_"))}
    env |= {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    script = str(Path(__file__).with_name("loss_curve.py"))
    done = subprocess.run(
        [sys.executable, script, *arguments], env=env, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.long
def test_two_processes_with_sync_batch_norm_are_one() -> None:
    one, two = curve("1"), curve("2", "sync")
    assert len(one["losses"]) == 20
    assert two["losses"] == pytest.approx(one["losses"], abs=1e-4)
    assert two["lr"] == one["lr"] == pytest.approx(0.1 * 32 / 256)
    # Metrics count each image once; a logit in the last bit may turn one.
    assert two["top1"] == pytest.approx(one["top1"], abs=100 / 359 + 1e-3)
    for top1 in two["top1"]:
        assert top1 * 359 / 100 == pytest.approx(round(top1 * 359 / 100), abs=1e-3)
    assert curve("2")["losses"] != pytest.approx(one["losses"], abs=1e-4)  # Without sync they are not.


@pytest.mark.long
def test_two_processes_see_the_augmented_images_that_one_sees() -> None:
    one, two = curve("1", "device"), curve("2", "sync", "device")
    assert two["losses"] == pytest.approx(one["losses"], abs=1e-4)
    assert one["losses"] != pytest.approx(curve("1")["losses"], abs=1e-2)
