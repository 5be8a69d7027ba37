"""Checkpoints of the original, written out by hand for one tiny structure."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

CONV = "module_list.0.module_list.0.netblock"
CONV_NORM = "module_list.0.module_list.1.netblock"
UNIT_1, UNIT_2 = "module_list.1.module_list.0", "module_list.1.module_list.2"


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small are far slower on threads that wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def convolutions(use_se: bool) -> dict[str, tuple[int, ...]]:
    """Return the shape of each weight of ``TINY``, by key. Relus and the SE take a position in a unit, too."""
    last = 7 if use_se else 6
    shapes: dict[str, tuple[int, ...]] = {
        f"{CONV}.weight": (4, 3, 3, 3),
        f"{UNIT_1}.module_list.0.netblock.weight": (5, 4, 1, 1),
        f"{UNIT_1}.module_list.3.netblock.weight": (5, 5, 3, 3),
        f"{UNIT_1}.module_list.{last}.netblock.weight": (6, 5, 1, 1),
        f"{UNIT_1}.proj.0.weight": (6, 4, 1, 1),
        f"{UNIT_1}.proj.0.bias": (6,),
        f"{UNIT_2}.module_list.0.netblock.weight": (5, 6, 1, 1),
        f"{UNIT_2}.module_list.3.netblock.weight": (5, 5, 3, 3),
        f"{UNIT_2}.module_list.{last}.netblock.weight": (6, 5, 1, 1),
        "fc_linear.netblock.weight": (7, 6),
        "fc_linear.netblock.bias": (7,),
    }
    if use_se:
        for unit in (UNIT_1, UNIT_2):
            shapes[f"{unit}.module_list.6.netblock.1.weight"] = (1, 5, 1, 1)
            shapes[f"{unit}.module_list.6.netblock.4.weight"] = (5, 1, 1, 1)
    return shapes


def norms(use_se: bool) -> dict[str, int]:
    """Return the channels of each batch norm of ``TINY``, by prefix."""
    last = 8 if use_se else 7
    channels = {CONV_NORM: 4, f"{UNIT_1}.proj.1": 6}
    for unit in (UNIT_1, UNIT_2):
        channels |= {
            f"{unit}.module_list.1.netblock": 5,
            f"{unit}.module_list.4.netblock": 5,
            f"{unit}.module_list.{last}.netblock": 6,
        }
        if use_se:
            channels |= {f"{unit}.module_list.6.netblock.2": 1, f"{unit}.module_list.6.netblock.5": 5}
    return channels


@pytest.fixture
def original_state() -> Callable[[bool], dict[str, Tensor]]:
    """Return a function: the original's state dict of ``SuperConvK3BNRELU(3,4,2,1)SuperResK1K3K1(4,6,2,5,1)``, 7 classes."""

    def make(use_se: bool) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(0)
        state = {key: torch.randn(shape, generator=generator) for key, shape in convolutions(use_se).items()}
        for prefix, channels in norms(use_se).items():
            for key in ("weight", "bias", "running_mean", "running_var"):
                values = torch.randn(channels, generator=generator)
                state[f"{prefix}.{key}"] = values.abs() + 0.5 if key == "running_var" else values
            state[f"{prefix}.num_batches_tracked"] = torch.tensor(100)
        return state

    return make
