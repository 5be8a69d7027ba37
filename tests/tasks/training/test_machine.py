"""What a training runs on: every shipped trainer, and values that do not fit."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from omegaconf import OmegaConf

from command_line import choices, composed
from zen_lightning.config import build
from zen_lightning.errors import UserError
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.tasks.training.machine import _OWN_KEYS, check_sweep, read_early_stopping, read_machine
from zen_lightning.training.trainer import Machine


@pytest.mark.parametrize("name", choices("trainer"))
def test_trainers(name: str) -> None:
    node = OmegaConf.to_container(composed(f"trainer={name}").trainer)
    assert isinstance(node, dict)
    own = {key: node.pop(key) for key in _OWN_KEYS}
    machine = build({"_target_": "zen_lightning.training.trainer.Machine", **node}, "trainer", Machine)
    assert isinstance(machine, Machine)
    assert (machine.strategy == "ddp") == name.startswith("ddp")
    assert own["checkpoint_minutes"] == 10


@pytest.mark.parametrize(("more", "strategy"), [((), "auto"), (("trainer.devices=2",), "ddp")])
def test_several_processes_are_those_of_ddp(more: tuple[str, ...], strategy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TORCHELASTIC_RUN_ID", "SLURM_NTASKS"):
        monkeypatch.delenv(name, raising=False)
    assert read_machine(composed("task=train", "trainer=cpu", *more)).strategy == strategy


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("trainer.num_nodes=0", "trainer.num_nodes=0: expected 1 or more"),
        ("trainer.checkpoint_steps=0", "trainer.checkpoint_steps=0: expected 1 or more"),
        ("trainer.checkpoint_minutes=-1", "trainer.checkpoint_minutes=-1: expected 0 or more"),
        ("trainer.keep_every=0", "trainer.keep_every=0: expected 1 or more"),
        ("trainer.early_stopping.min_delta=1", "trainer.early_stopping.min_delta=1"),
    ],
)
def test_values_that_do_not_fit_are_named_by_their_keys(override: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        read_machine(composed("task=train", "trainer=cpu", override))
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("written", ["trainer.early_stopping=5", "trainer.early_stopping.patience=5"])
def test_a_patience_may_stand_for_early_stopping(written: str) -> None:
    found = read_early_stopping(composed("task=train", written))
    assert found is not None
    assert found.patience == 5
    assert read_early_stopping(composed("task=train")) is None


def test_a_job_of_a_sweep_starts_no_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Starts:
        """Stands for Lightning's launcher of other processes."""

    monkeypatch.setattr("zen_lightning.tasks.training.machine.SubprocessLauncher", Starts)
    trainer: Any = SimpleNamespace(strategy=SimpleNamespace(launcher=Starts()), num_devices=2)
    check_sweep(trainer, NO_COMMAND)
    with pytest.raises(UserError, match=r"-m with trainer\.devices=2"):
        check_sweep(trainer, Command(sweep=Path("sweep")))
