"""What a report says was asked."""

from pathlib import Path

from zen_lightning.report.html.reading import heading
from zen_lightning.report.html.request import asked
from zen_lightning.runs.run_folder import RunFolder


def test_the_settings_of_the_command_are_told(tmp_path: Path) -> None:
    overrides = ("task=tune", "tune.trials=4", "tune.space={recipe.lr:{low:0.01,high:0.5}}", "arch='A<b>(3,8)'", "seed=3")
    run = RunFolder(tmp_path, "tune", {"seed": 3, "trials": 4}, overrides=overrides)
    said = str(asked(run).body)
    assert "<code>tune.trials=4<br></code>" in said
    assert "'tune.space={recipe.lr:{low:0.01,high:0.5}}'" in said
    assert "arch='A&lt;b&gt;(3,8)'" in said
    assert "task=tune" not in said
    assert "seed=3" not in said
    assert "settings of the command" not in str(asked(RunFolder(tmp_path, "tune", {}, overrides=("task=tune",))).body)


def test_a_training_was_not_asked_for_the_weights_that_it_made(tmp_path: Path) -> None:
    result = {"weights": "weights.safetensors", "dataset": "digits"}
    assert "weights.safetensors" not in str(asked(RunFolder(tmp_path, "train", result)).body)
    begun = RunFolder(tmp_path, "train", result, overrides=("task=train", "weights=old.safetensors"))
    assert str(asked(begun).body).count("old.safetensors") == 1
    assert "weights.safetensors" in str(asked(RunFolder(tmp_path, "evaluate", result)).body)


def test_an_analysis_is_called_by_its_network(tmp_path: Path) -> None:
    dated = "outputs/search/zen/2026-11-27_12-00-00-0-1a2b3c4d"
    expected = {
        "nets/one.txt": "What one.txt costs",
        "'A(3,8)'": "What a network costs",
        "[nets/a.txt,nets/b.txt]": "What a network costs",
        "'nets/my net.txt'": "What my net.txt costs",
        dated: "What the network of a run costs",
        f"{dated}/": "What the network of a run costs",
        f"'{dated}/best_structure.txt'": "What the network of a run costs",
        "runs/mine": "What mine costs",
    }
    named = {arch: heading(RunFolder(tmp_path, "analyze", {}, overrides=(f"arch={arch}",))) for arch in expected}
    assert named == expected
