"""A command says what it is about to do before the seconds that importing PyTorch takes."""

import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Zen, composed
from zen_lightning.tasks.announcing import announce

NETWORK = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)"
WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None  # Whatever imports it ends the command.
from zen_lightning.cli.main import main
main()
"""


@pytest.mark.parametrize(
    ("words", "does"),
    [
        (("task=train", "dataset=digits", f"arch='{NETWORK}'"), "train a network on digits"),
        (("task=train", "dataset=cifar10", "arch=found/best_structure.txt"), "train found/best_structure.txt on cifar10"),
        (("task=distill", "dataset=digits", "teacher=zoo", "arch=found"), "train found on digits with a teacher"),
        (("task=evaluate", "dataset=digits", "arch=trained"), "evaluate trained on digits"),
        (("task=predict", "arch=trained"), "classify images by trained"),
        (("task=compare", "arch=[a,b]"), "compare 2 networks"),
        (("task=score", "arch=[a]"), "score a"),
        (("task=correlate", "accuracies=known.csv"), "score networks of known.csv"),
    ],
)
def test_what_and_where(words: tuple[str, ...], does: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    announce(composed(*words), tmp_path)
    assert capsys.readouterr().out == f"preparing to {does}; files go to {tmp_path}\n"


@pytest.mark.parametrize("words", [("task=train",), ("task=train", "arch=[a,b]"), ("task=search",), ("task=zoo",)])
def test_nothing_to_say(words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    announce(composed(*words), tmp_path)
    assert capsys.readouterr().out == ""


def test_only_the_main_process(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "1")
    announce(composed("task=train", "dataset=digits", "arch=found"), tmp_path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("task", ["train", "evaluate", "analyze"])
def test_before_torch(task: str, tmp_path: Path) -> None:
    words = [f"task={task}", f"arch={NETWORK}", "dataset=digits", "output_dir=out"]
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH, *words], cwd=tmp_path, capture_output=True, text=True)
    assert "torch" in done.stderr
    assert done.stdout.splitlines()[0].startswith("preparing to ")


def test_once(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = zen("task=train", f"arch={NETWORK}", "dataset=digits", "recipe.epochs=1", "limit=64", "output_dir=out")
    assert ended.code == 0, ended.err
    said = ended.out.splitlines()
    assert said[0] == "preparing to train a network on digits; files go to out"
    assert ended.out.count("files go to") == 1
    assert any(line.startswith("training a network of") for line in said)


def test_a_check_says_nothing(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "preparing" not in zen("task=train", f"arch={NETWORK}", "dataset=digits", "task=validate").out
