"""What runs are told apart by."""

from pathlib import Path

from run_files import leave, trained
from zen_lightning.runs.finding import find_runs
from zen_lightning.runs.settings import settings_of, varying


def test_a_logger_makes_no_groups(tmp_path: Path) -> None:
    for name, overrides in {"a": ["seed=1"], "b": ["logger=wandb", "logger.wandb.project=mine", "recipe.lr=0.4"]}.items():
        leave(tmp_path / name, ["task=train", *overrides], trained("digits", 90.0))
    assert varying(settings_of(find_runs([tmp_path]).runs)) == ["recipe.lr"]


def test_a_group_that_was_not_chosen_is_empty(tmp_path: Path) -> None:
    for name, overrides in {"a": [], "b": ["latency=gpu"]}.items():
        folder = leave(tmp_path / name, ["task=search", *overrides], {"task": "search", "score": 1.0})
        (folder / ".hydra" / "config.yaml").write_text("latency:\n  max: 3\n")
    settings = settings_of(find_runs([tmp_path]).runs)
    assert [one.get("latency") for one in settings] == ["", "gpu"]
    assert settings[0].get("latency.max") == "3"
