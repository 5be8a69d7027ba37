"""The stages of the GPU check fit into the time that it promises, and their code is there."""

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

GPU = Path(__file__).resolve().parents[2] / "benchmarks" / "gpu"
SECONDS, CORES = 480, 16
"""Of all stages together, by ``check.py``; and of the machine that the budgets were made on."""


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("gpu_stage", GPU / "stage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "gpu_stage", module)  # dataclasses look there.
    spec.loader.exec_module(module)
    return module


def test_the_longest_stage_and_those_alone_fit_into_the_whole(plan: ModuleType) -> None:
    alone = sum(stage.seconds for stage in plan.STAGES if stage.alone)
    longest = max(plan.STAGES, key=lambda stage: 0 if stage.alone else stage.seconds)
    assert longest.name == "cifar10"
    assert longest.seconds + alone <= SECONDS
    # The others' budgets are twice what they took: half of their core-seconds fit beside it.
    beside = sum(stage.seconds * stage.cores for stage in plan.STAGES if not stage.alone and stage is not longest)
    assert beside / 2 <= longest.seconds * (CORES - longest.cores)


def test_every_stage_has_its_function(plan: ModuleType) -> None:
    names = [stage.name for stage in plan.STAGES]
    assert len(set(names)) == len(names)
    for stage in plan.STAGES:
        module, _, function = stage.function.partition(":")
        tree = ast.parse((GPU / "stages" / f"{module}.py").read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, stage.name
        assert set(stage.after) <= set(names)
    table = (GPU / "README.md").read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in table] == []
