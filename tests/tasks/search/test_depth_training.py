"""``budget.layers_by=training`` from the command line to the files."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from command_line import Zen
from zen_lightning.api import candidate_training

START = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,8,2,8,1)SuperConvK1BNRELU(8,32,1,1)"
SEARCH = (
    "search=zen",
    "budget=params1M",
    "budget.params=60k",
    f"start={START}",
    "search.iterations=60",
    "search.population_size=20",
    "search.finalists=0",
    "resolution=16",
    "num_classes=10",
)
CHOICE = ("budget.layers=auto", "budget.depths=[6,9]", "budget.layers_by=training", "dataset=digits")
TINY = ("depth.epochs=1", "depth.images=64", "depth.resolution=8", "depth.device=cpu")


def test_a_killed_choice_is_continued_and_nothing_is_trained_twice(
    zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, trained = candidate_training._fit, []

    def fit(asked: Any, how: Any, place: Path) -> dict[str, Any]:
        if len(trained) == 1:
            trained.append(0)
            raise KeyboardInterrupt
        trained.append(asked.arch.num_layers)
        return real(asked, how, place)

    monkeypatch.setattr(candidate_training, "_fit", fit)
    stopped = zen(*SEARCH, *CHOICE, *TINY, f"output_dir={tmp_path}")
    assert stopped.code == 130
    assert f"continue with resume={tmp_path}" in stopped.err
    ended = zen(f"resume={tmp_path}")
    assert ended.code == 0, ended.err
    assert len(trained) == 3  # One, the stopped one, and that once more.
    with (tmp_path / "depths.csv").open() as file:
        rows = list(csv.DictReader(file))
    best = max(rows, key=lambda row: (float(row["trained"]), -int(row["limit"])))
    assert f"Depth: training chose at most {best['limit']} layers" in ended.out
    assert f"{float(best['trained']):.2f}%" in ended.out
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["budgets"]["layers"], result["layers_by"]) == (int(best["limit"]), "training")
    assert result["depth_training"]["images"] == 64
    page = (tmp_path / "report.html").read_text()
    assert "trained top-1" in page
    assert "the best network after 1 epochs on at most 64 images of digits, 8 px" in page
    assert "top-1 of a short training, %" in page


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("budget.layers=auto", "budget.layers_by=trainig"), "budget.layers_by=trainig: did you mean 'training'?"),
        (
            ("budget.layers_by=training", "dataset=digits"),
            "budget.layers_by=training: there is nothing to choose with budget.layers=18",
        ),
        (("budget.layers=auto", "budget.layers_by=training"), "needs images with labels: dataset=noise has none"),
        (("depth.epochs=3",), "depth.epochs is for a training that chooses the depth"),
        ((*CHOICE, "depth.epochs=0"), "depth.epochs=0: expected 1 or more"),
        ((*CHOICE, "depth.images=0"), "depth.images=0: expected 1 or more"),
        ((*CHOICE, "depth.device=gpu2"), "depth.device=gpu2: choose from: auto, cpu, cuda, mps"),
        ((*CHOICE, "depth.lr=-1"), "depth.lr=-1.0: expected a number above 0"),
        ((*CHOICE, "depth.seed=3"), "unknown key depth.seed; did you mean 'seeds'?"),
        ((*CHOICE, "num_classes=5"), "num_classes=5: dataset=digits has 10 classes"),
        ((*CHOICE, "dataset=image_folder", "dataset.root=/nowhere"), "/nowhere"),
        ((*CHOICE, "task=pareto"), "budget.layers=auto: it chooses one depth for one answer"),
    ],
)
def test_what_cannot_be_used_is_said_by_the_run_and_by_validation(
    zen: Zen, tmp_path: Path, keys: tuple[str, ...], said: str
) -> None:
    search = [key for key in SEARCH if not (key.startswith("search=") and "task=pareto" in keys)]
    ended = zen(*search, *keys, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 2
    assert said.lower() in ended.err.lower()
    if "task=pareto" not in keys:
        checked = zen(*search, *keys, f"output_dir={tmp_path / 'out'}", "task=validate")
        assert checked.code == 1
        flat = " ".join(checked.out.split())
        assert said.partition(": ")[0] in flat


def test_validation_says_what_would_be_trained(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*SEARCH, *CHOICE, *TINY, f"output_dir={tmp_path / 'out'}", "task=validate")
    assert ended.code == 0, ended.out + ended.err
    assert "chosen among at most 6, 9 layers by training the best network of each for 1 epochs on digits" in " ".join(
        ended.out.split()
    )
    assert not (tmp_path / "out").exists()
