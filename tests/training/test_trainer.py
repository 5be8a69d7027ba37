"""The trainer of a machine."""

from pathlib import Path
from typing import Any

import pytest

from zen_lightning.errors import UserError
from zen_lightning.training.machine import Machine
from zen_lightning.training.trainer import make_trainer


@pytest.mark.parametrize("devices", [[0], [1], [0, 1], "0,1", "1,", -1])
def test_a_cpu_has_no_device_numbers(devices: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^devices=.*: expected a number of processes, as a CPU has no device numbers$"):
        make_trainer(Machine(accelerator="cpu", devices=devices), None, tmp_path)


@pytest.mark.parametrize("devices", [1, "1", "auto"])
def test_a_number_of_processes_is_taken(devices: Any, tmp_path: Path) -> None:
    assert make_trainer(Machine(accelerator="cpu", devices=devices), None, tmp_path).num_devices == 1


def test_an_accelerator_without_its_package_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^accelerator=tpu devices=1 strategy=auto: .*torch_xla"):
        make_trainer(Machine(accelerator="tpu"), None, tmp_path)
