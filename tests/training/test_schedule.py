"""The learning rate, against the original's."""

import json

import pytest
import torch

from golden import SHARED, needs_shared
from zen_lightning.training.schedule import Schedule


@needs_shared
def test_the_originals_values() -> None:
    compared = 0
    for case in json.loads((SHARED / "lr_schedule.json").read_text()):
        schedule = Schedule(
            case["base_lr"], case["train_images"], case["epochs"], case["warmup_epochs"], case["target_lr"], case["mode"]
        )
        for value in case["values"]:
            lr = schedule.at(value["epoch"], value["batch_in_epoch"], case["global_batch"])
            # The original's linear schedule goes beyond its target by one part in T; here it is held there.
            expected = max(value["lr"], case["target_lr"]) if case["mode"] == "linear" else value["lr"]
            assert lr == pytest.approx(expected, rel=1e-6), value
            compared += 1
    assert compared >= 40


def test_written_out() -> None:
    schedule = Schedule(lr=0.5, images=100, epochs=10, warmup_epochs=2, target_lr=0.1, mode="linear")
    assert schedule.at(0, 0, 10) == pytest.approx(11 / 200 * 0.5)
    assert schedule.at(1, 8, 10) == pytest.approx(191 / 200 * 0.5)
    assert schedule.at(1, 9, 10) == pytest.approx(0.5 - 0.4 * 1 / 800)
    assert schedule.at(5, 4, 10) == pytest.approx(0.5 - 0.4 * 351 / 800)
    assert schedule.at(9, 9, 10) == 0.1


def test_stages_fall_behind_the_listed_epochs() -> None:
    schedule = Schedule(lr=1.0, images=10, epochs=9, mode="stages", decay=0.5, decay_epochs=(2, 4))
    assert [schedule.at(epoch, 0, 10) for epoch in range(6)] == [1, 1, 1, 0.5, 0.5, 0.25]


def test_accumulated_batches_move_by_what_was_seen() -> None:
    schedule = Schedule(lr=1.0, images=64, epochs=10, warmup_epochs=1)
    assert schedule.at(0, 3, 8) == schedule.at(0, 1, 16) == schedule.at(0, 0, 32)


def test_no_warm_up() -> None:
    schedule = Schedule(lr=1.0, images=100, epochs=2, target_lr=0.25)
    assert schedule.at(0, 0, 1) == pytest.approx(1.0, rel=1e-3)
    assert schedule.at(1, 99, 1) == pytest.approx(0.25, rel=1e-3)


def test_one_cycle_is_torchs() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    torchs = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10_000, cycle_momentum=False)
    schedule = Schedule(lr=1.0, images=1_000, epochs=10, target_lr=1 / 25 / 1e4, mode="one_cycle")
    for step in range(10_000):
        if step % 501 == 0:
            # Torch's first step is at 0, ours has seen an image.
            assert schedule.at(step // 1_000, step % 1_000, 1) == pytest.approx(optimizer.param_groups[0]["lr"], abs=2e-3)
        optimizer.step()
        torchs.step()
    assert schedule.at(0, 0, 1) == pytest.approx(0.04, rel=0.01)


def test_constant_after_its_warm_up() -> None:
    schedule = Schedule(lr=0.5, images=100, epochs=10, warmup_epochs=1, target_lr=0.1, mode="constant")
    assert schedule.at(0, 49, 1) == pytest.approx(0.5 * 51 / 100)
    assert {schedule.at(epoch, 7, 1) for epoch in range(1, 10)} == {0.5}
