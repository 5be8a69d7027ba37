"""``torch.compile``, with the modes that a training can use."""

from collections.abc import Callable
from typing import Any

import torch

from zen_lightning.errors import UserError
from zen_lightning.nets.compiler_cache import use_own_compiler_cache

MODES = ("off", "default", "reduce-overhead", "max-autotune")
"""``default`` fuses kernels; ``reduce-overhead`` also records CUDA graphs, for networks of many small kernels;
``max-autotune`` also times several kernels for each operation, which takes minutes at the start."""

_GRAPHS = ("reduce-overhead", "max-autotune")


def read_mode(value: Any) -> str:
    """Return the mode that ``Machine.compile`` names; true and false are ``default`` and ``off``.

    Raises:
        UserError: there is no such mode.
    """
    mode = {True: "default", False: "off", None: "off"}.get(value, value) if isinstance(value, bool | None) else value
    if mode not in MODES:
        raise UserError(key="compile", value=value, choices=MODES)
    return str(mode)


def training_mode(mode: str, accumulate: int) -> str:
    """Return the mode of ``torch.compile`` for a recipe.

    CUDA graphs write the gradients of every batch to the same memory, so gradients cannot be added up over batches
    (https://github.com/pytorch/pytorch/issues/169545): then ``max-autotune`` goes without them.

    Raises:
        UserError: ``reduce-overhead`` with accumulated batches.
    """
    if accumulate == 1 or mode not in _GRAPHS:
        return mode
    if mode == "max-autotune":
        return "max-autotune-no-cudagraphs"
    raise UserError(
        f"it records CUDA graphs, which cannot add up the gradients of {{accumulate}}={accumulate} batches",
        key="compile",
        value=mode,
        remedy="choose {compile}=default or {accumulate}=1",
        involves=["accumulate"],
    )


def has_graphs(mode: str) -> bool:
    """Return whether a mode records CUDA graphs, where there is a CUDA GPU."""
    return mode in _GRAPHS and torch.cuda.is_available()


def compiled(function: Callable[..., Any], mode: str) -> Callable[..., Any]:
    """Return a function compiled for inputs of one shape; as it is where the mode is ``off``.

    Args:
        function: a bound method of a network, for example.
        mode: as :func:`training_mode` gives it.

    Raises:
        UserError: at the first call, if the compiler fails.
    """
    if mode == "off":
        return function
    from torch._dynamo.exc import TorchDynamoException  # Slow to import.

    use_own_compiler_cache()
    fast = torch.compile(function, mode=mode, dynamic=False)

    def call(*args: Any) -> Any:
        try:
            return fast(*args)
        except TorchDynamoException as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise UserError(f"torch cannot compile this network: {reason}", key="compile", value=mode) from error

    return call
