"""The public names, and what importing them costs."""

import os
import subprocess
import sys

import pytest

import zen_lightning as zl

HEAVY = (
    "torch",
    "torchvision",
    "torchmetrics",
    "pytorch_lightning",
    "lightning",
    "hydra",
    "omegaconf",
    "numpy",
    "wandb",
    "matplotlib",
)

SEARCH = """
from random import Random
import zen_lightning as zl
arch = zl.Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)")
child = zl.search_space("resnet").mutate(arch, Random(0))
zl.zen_score(child, resolution=32)
import zen_lightning.budget, zen_lightning.search.evolution
"""


def loaded_after(code: str) -> set[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    return set(subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("code", ["import zen_lightning", SEARCH], ids=["import", "search"])
def test_nothing_heavy_is_imported(code: str) -> None:
    loaded = loaded_after(code)
    assert "zen_lightning" in loaded
    assert not loaded.intersection(HEAVY)


@pytest.mark.parametrize("name", zl.__all__)
def test_public_names_resolve(name: str) -> None:
    value = getattr(zl, name)
    assert value.__name__.rpartition(".")[2] == name
    assert value.__doc__
    assert name in dir(zl)


def test_public_names_are_sorted_and_promised_ones_among_them() -> None:
    assert sorted(zl.__all__) == list(zl.__all__)
    promised = {
        "Architecture",
        "ArchitectureError",
        "Score",
        "build_network",
        "load_original_checkpoint",
        "search_space",
        "zen_score",
    }
    assert promised <= set(zl.__all__)


def test_unknown_names() -> None:
    with pytest.raises(AttributeError, match="module 'zen_lightning' has no attribute 'zen_scores'"):
        zl.zen_scores  # noqa: B018
    assert not hasattr(zl, "torch")


def test_version() -> None:
    assert zl.__version__.count(".") == 2


def test_completion_shows_the_public_names_and_nothing_else() -> None:
    assert dir(zl) == sorted(zl.__all__)
    import zen_lightning.report.estimate  # noqa: F401  (what is imported beside does not show)

    assert dir(zl) == sorted(zl.__all__)
