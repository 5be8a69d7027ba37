"""Small searches, scored by a proxy that costs nothing."""

import errno
from typing import NoReturn

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, LayersLimit, ParamsLimit
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import search_space

START = (
    "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperResK3K3(16,32,2,16,1)SuperResK3K3(32,64,2,32,1)"
    "SuperResK3K3(64,64,2,32,1)SuperConvK1BNRELU(64,128,1,1)"
)


@pytest.fixture
def setup() -> SearchSetup:
    return SearchSetup(
        space=search_space("resnet"),
        proxy=ZenClosedForm(resolution=32),
        budget=Budget([LayersLimit(12), ParamsLimit(400_000, num_classes=100)]),
        start=Architecture.parse(START),
        seed=3,
        iterations=3_000,
        population_size=32,
        identity={"seed": 3},
    )


@pytest.fixture
def no_shared_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no executor start, as where ``/dev/shm`` may not be written."""

    def refuse(*_: object) -> NoReturn:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("zen_lightning.search.processes.ProcessPoolExecutor", refuse)
