"""Files of weights on the command line: a training's own checkpoints, state dicts, a teacher by timm."""

import argparse
from pathlib import Path

import pytest
import torch

from command_line import Zen
from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network

STRUCTURE = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"


def test_own_checkpoints_are_taken(zen: Zen, tmp_path: Path) -> None:
    (tmp_path / "net.txt").write_text(STRUCTURE)
    trained = zen("task=train", f"arch={tmp_path / 'net.txt'}", "dataset=digits", "debug=fast", f"output_dir={tmp_path / 't'}")
    assert trained.code == 0, trained.err
    best = tmp_path / "t" / "checkpoints" / "best.ckpt"
    torch.save(build_network(Architecture.parse(STRUCTURE), 10).state_dict(), tmp_path / "mine.pth")
    for number, asked in enumerate(
        (
            [f"arch={best}"],
            [f"arch={tmp_path / 'net.txt'}", f"weights={best}", "num_classes=10"],
            [f"arch={tmp_path / 'net.txt'}", f"weights={tmp_path / 'mine.pth'}", "num_classes=10"],
        )
    ):
        ended = zen("task=evaluate", *asked, "dataset=digits", "trainer=cpu", f"output_dir={tmp_path / str(number)}")
        assert ended.code == 0, ended.err


def test_a_checkpoint_by_timm_is_a_teacher(zen: Zen, tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    from timm.utils import CheckpointSaver

    model = timm.create_model("resnet10t", num_classes=10)
    saver = CheckpointSaver(
        model,
        torch.optim.SGD(model.parameters(), lr=0.1),
        args=argparse.Namespace(model="resnet10t", lr=0.1),
        checkpoint_dir=str(tmp_path),
        recovery_dir=str(tmp_path),
    )
    saver.save_checkpoint(0, metric=1.0)
    ended = zen(
        "task=distill",
        f"arch={STRUCTURE}",
        "dataset=digits",
        "resolution=64",
        "teacher=timm",
        "teacher.model=resnet10t",
        f"teacher.checkpoint={tmp_path / 'last.pth.tar'}",
        "distillation.feature_weight=0",
        "debug=fast",
        f"output_dir={tmp_path / 'out'}",
    )
    assert ended.code == 0, ended.err
