"""``task=distill`` on the command line."""

import json
import shutil
from pathlib import Path

import torch

from command_line import Zen
from training_commands import STRUCTURE, train


def distill(folder: Path, teacher: Path, *more: str) -> list[str]:
    base = [argument for argument in train(folder) if argument != "task=train"]
    return ["task=distill", *base, "teacher=checkpoint", f"teacher.arch={teacher}", "distillation.first_ratio=2", *more]


def test_a_student_of_an_own_network(zen: Zen, tmp_path: Path) -> None:
    assert zen(*train(tmp_path / "teacher")).code == 0
    ended = zen(*distill(tmp_path / "student", tmp_path / "teacher"))
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "student" / "result.json").read_text())
    assert (result["task"], result["structure"]) == ("distill", STRUCTURE)
    last = torch.load(tmp_path / "student" / "checkpoints" / "last.ckpt", weights_only=True)
    assert {key.partition(".")[0] for key in last["state_dict"]} == {"network", "projections"}
    ended = zen(f"resume={tmp_path / 'student'}")
    assert ended.code == 0, ended.err
    ended = zen(f"resume={tmp_path / 'student'}", "distillation.logit_weight=0.5")
    assert (ended.code, "distillation.logit_weight: 1.0, not 0.5" in ended.err) == (2, True)


def test_another_teacher_in_the_place_of_the_first(zen: Zen, tmp_path: Path) -> None:
    for name, seed in (("teacher", 0), ("other", 1)):
        assert zen(*train(tmp_path / name, f"seed={seed}")).code == 0
    assert zen(*distill(tmp_path / "student", tmp_path / "teacher")).code == 0
    shutil.copy(tmp_path / "other" / "weights.safetensors", tmp_path / "teacher")
    ended = zen(f"resume={tmp_path / 'student'}")
    assert ended.code == 2
    assert "student holds a training with weights of the teacher: " in ended.err


def test_what_is_refused(zen: Zen, tmp_path: Path) -> None:
    assert zen(*train(tmp_path / "teacher")).code == 0
    ended = zen(*distill(tmp_path / "a", tmp_path / "teacher", "distillation.first_ratio=32"))
    assert (ended.code, "stage features to learn: the teacher has none" in ended.err) == (2, True)
    ended = zen(*distill(tmp_path / "a", tmp_path / "teacher", "distillation.logit_weight=-1"))
    assert (ended.code, "distillation.logit_weight" in ended.err) == (2, True)
    base = [argument for argument in train(tmp_path / "a") if argument != "task=train"]
    ended = zen("task=distill", *base, "teacher=none")
    assert (ended.code, "task=distill needs a teacher" in ended.err) == (2, True)
