"""What is chosen for a machine where ``trainer=`` leaves it open."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from zen_lightning.errors import UserError
from zen_lightning.training.machine import PRECISIONS, Machine, choices, choose_matmuls, settled


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let torch say that there is a GPU with bfloat16."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda including_emulation=True: True)


@pytest.fixture(autouse=True)
def matmuls() -> Iterator[None]:
    """Leave matrix products as they were."""
    before = torch.get_float32_matmul_precision()
    yield
    torch.set_float32_matmul_precision(before)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"precision": "half"}, "^precision=half: choose from: auto, 32-true"),
        ({"strategy": "ddp_spawn"}, "^strategy=ddp_spawn"),
        ({"strategy": "ddp_notebook"}, "choose ddp"),
        ({"num_nodes": 0}, "^num_nodes=0: expected 1 or more"),
        ({"num_nodes": "two"}, "^num_nodes=two: expected 1 or more"),
        ({"compile": "fast"}, "^compile=fast: choose from:"),
    ],
)
def test_what_no_machine_has_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Machine(**given)


@pytest.mark.parametrize(
    ("short", "whole"),
    [(16, "16-mixed"), ("bf16", "bf16-mixed"), (32, "32-true"), ("64", "64-true"), ("fp16", "16-mixed"), ("FP32", "32-true")],
)
def test_short_names_of_lightning_are_read(short: Any, whole: str) -> None:
    assert Machine(precision=short).precision == whole


def test_a_cpu_calculates_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for accelerator in ("auto", "cpu"):
        machine = settled(Machine(accelerator=accelerator), training=True)
        assert (machine.precision, machine.benchmark, machine.on_cpu, machine.on_cuda) == ("32-true", False, True, False)
    assert choices(Machine()) == ""
    assert not choose_matmuls(Machine())


@pytest.mark.usefixtures("gpu")
def test_a_training_on_cuda_takes_the_fast_formats_and_an_evaluation_does_not() -> None:
    training, evaluating = settled(Machine(), training=True), settled(Machine(), training=False)
    assert (training.precision, training.benchmark) == ("bf16-mixed", True)
    assert (evaluating.precision, evaluating.benchmark) == ("32-true", False)
    assert (Machine().on_cuda, Machine().on_cpu) == (True, False)
    beside = settled(Machine(accelerator="cpu"), training=True)
    assert (beside.precision, beside.benchmark) == ("32-true", False)


@pytest.mark.usefixtures("gpu")
def test_before_ampere_it_is_float16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda including_emulation=True: including_emulation)
    assert settled(Machine(), training=True).precision == "16-mixed"


@pytest.mark.usefixtures("gpu")
def test_what_is_asked_for_stays() -> None:
    for precision in PRECISIONS[1:]:
        for training in (True, False):
            assert settled(Machine(precision=precision), training).precision == precision
    assert settled(Machine(benchmark=False), training=True).benchmark is False
    assert settled(Machine(benchmark=True, deterministic=True), training=True).benchmark is False


@pytest.mark.usefixtures("gpu")
def test_plain_float32_has_no_tensorfloat() -> None:
    torch.set_float32_matmul_precision("highest")
    for precision in ("32-true", "64-true"):
        assert not choose_matmuls(Machine(precision=precision))
    assert torch.get_float32_matmul_precision() == "highest"
    assert choose_matmuls(Machine())
    assert torch.get_float32_matmul_precision() == "high"


@pytest.mark.usefixtures("gpu")
def test_what_was_chosen_is_said() -> None:
    line = choices(Machine())
    assert "precision=bf16-mixed, TF32, cuDNN benchmark, channels last" in line
    other = choices(Machine(deterministic=True, channels_last=False))
    assert "cuDNN" not in other
    assert "channels last" not in other
    assert choices(Machine(precision="32-true")) == ""
