"""How ``trainer.compile`` is read, and what a compiler that fails says."""

from typing import Any

import pytest
import torch
from torch import Tensor

from zen_lightning.errors import UserError
from zen_lightning.training.compiling import MODES, compiled, has_graphs, read_mode, training_mode


@pytest.mark.parametrize(
    ("value", "mode"), [(True, "default"), (False, "off"), (None, "off"), *((mode, mode) for mode in MODES)]
)
def test_true_and_false_are_modes_too(value: Any, mode: str) -> None:
    assert read_mode(value) == mode


@pytest.mark.parametrize("value", ["fast", "true", 1, 0, 2.5, ["default"]])
def test_an_unknown_mode_names_the_known_ones(value: Any) -> None:
    with pytest.raises(UserError, match="hoose from: off, default, reduce-overhead, max-autotune"):
        read_mode(value)


def test_gradients_are_not_added_up_in_cuda_graphs() -> None:
    assert [training_mode(mode, 1) for mode in MODES] == [*MODES]
    assert training_mode("default", 4) == "default"
    assert training_mode("max-autotune", 4) == "max-autotune-no-cudagraphs"
    assert not has_graphs(training_mode("max-autotune", 4))
    with pytest.raises(UserError, match=r"^compile=reduce-overhead: .* accumulate=4 batches; choose compile=default or acc"):
        training_mode("reduce-overhead", 4)


def test_graphs_need_a_device_that_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for is_there in (True, False):
        monkeypatch.setattr("torch.cuda.is_available", lambda is_there=is_there: is_there)
        assert [has_graphs(mode) for mode in MODES] == [False, False, is_there, is_there]


def _double(images: Tensor) -> Tensor:
    return 2 * images


def test_off_leaves_the_function_as_it_is() -> None:
    assert compiled(_double, "off") is _double


def test_each_mode_reaches_the_compiler_for_one_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def compile_(function: Any, **options: Any) -> Any:
        asked.append(options)
        return function

    monkeypatch.setattr("torch.compile", compile_)
    for mode in MODES[1:]:
        assert compiled(_double, mode)(torch.ones(1)) == 2
    assert asked == [{"mode": mode, "dynamic": False} for mode in MODES[1:]]


def test_a_compiler_that_fails_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch._dynamo.exc import TorchDynamoException

    def fail(*_: Any) -> None:
        raise TorchDynamoException("no C++ compiler\nand a long story")

    monkeypatch.setattr("torch.compile", lambda function, **options: fail)
    with pytest.raises(UserError, match=r"^compile=default: torch cannot compile this network: no C") as caught:
        compiled(_double, "default")(torch.ones(1))
    assert "\n" not in str(caught.value)
    # A mistake in the network is not the compiler's.
    monkeypatch.setattr("torch.compile", lambda function, **options: function)
    with pytest.raises(TypeError):
        compiled(_double, "default")(None)
