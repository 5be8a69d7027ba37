"""Tasks that end quickly, and one from outside the package, are run through what every task keeps to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from own_task import Count
from zen_lightning.arch import parse_architecture
from zen_lightning.config import conf_dir
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.nets import build_network, save_weights
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.latency.latency import Latency
from zen_lightning.tasks.networks.analyze import Analyze
from zen_lightning.tasks.networks.compare import Compare
from zen_lightning.tasks.networks.correlate import Correlate
from zen_lightning.tasks.networks.export import Export
from zen_lightning.tasks.networks.score import ScoreNetworks
from zen_lightning.tasks.networks.zoo import Zoo
from zen_lightning.tasks.search.pareto import Pareto
from zen_lightning.tasks.search.search import Search
from zen_lightning.tasks.training.predict import Predict
from zen_lightning.testing import check_task
from zen_lightning.testing.tasks import TASK, TaskCase

NET = "arch='SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)'"
SMALL = ("resolution=16", "num_classes=4")
SEARCH = ("search.iterations=50", "search.population_size=8", "search.finalists=0")
TASKS: list[tuple[type[Task[Any]], tuple[str, ...]]] = [
    (Analyze, (NET, *SMALL)),
    (ScoreNetworks, (NET, *SMALL)),
    (Compare, (f"arch=[{NET[5:]},zennet_cifar10_model_size05M_res32]", "proxies=params")),
    (Correlate, ("accuracies=known.csv", "proxies=[params]", "bootstrap=10")),
    (Export, (NET, *SMALL, "format=torch_export", "random_weights=true")),
    (Latency, (NET, *SMALL, "latency.measure_seconds=0.01", "latency.batch_size=1")),
    (Zoo, ()),
    (Predict, ("arch=net.safetensors", "images=one.png")),
    (Search, SEARCH),
    (Pareto, SEARCH),
]


@pytest.mark.parametrize("check", TASK.checks)
@pytest.mark.parametrize(("task", "overrides"), TASKS, ids=[task.name for task, _ in TASKS])
def test_shipped(
    task: type[Task[Any]], overrides: tuple[str, ...], check: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f'"SuperConvK3BNRELU(3,{width},1,1)",{width}' for width in (8, 16, 24, 32)]
    (tmp_path / "known.csv").write_text("\n".join(["architecture,top1", *rows]))
    seen = Preprocessing(8, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), ("cat", "dog")).metadata()
    del seen["resolution"]
    save_weights(build_network(parse_architecture("SuperConvK3BNRELU(3,8,2,1)"), 2), "net.safetensors", 8, seen)
    Image.new("RGB", (9, 7)).save("one.png")
    TASK.checks[check](TaskCase(task, conf_dir(), overrides))


def conf_of(folder: Path, target: str, *keys: str) -> Path:
    (folder / "task").mkdir()
    lines = ["# @package _global_", f"task: {{name: count, _target_: {target}}}", *keys, "output_dir: outputs/count"]
    (folder / "task" / "count.yaml").write_text("\n".join(lines))
    return folder


def test_one_from_outside(tmp_path: Path) -> None:
    check_task(Count, conf_of(tmp_path, "own_task.Count", "word: ''", "times: 1"), "word=zen", "times=2")


@dataclass
class Keys:
    word: str = ""
    more: int = 1


class Wrong(Task[Keys]):
    name = "count"
    Keys = Keys
    groups = ("nothing",)

    def run(self) -> float:
        (self.folder / "answer.txt").write_text("42")
        return 42.0


def test_what_does_not_hold_is_listed(tmp_path: Path) -> None:
    conf = conf_of(tmp_path, f"{__name__}.Wrong", "word: ''")
    with pytest.raises(AssertionError) as caught:
        check_task(Wrong, conf)
    told = str(caught.value)
    assert "its class and its yaml have the same keys: its YAML has no more" in told
    assert "a run leaves a result and a report: ResultError" in told
    assert told.startswith("2 of 6 things that hold for every task do not hold")
