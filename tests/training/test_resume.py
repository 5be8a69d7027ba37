"""A training that is stopped anywhere and continued ends as one that nobody disturbed."""

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers.logger import DummyLogger

from training.conftest import Training
from zen_lightning.training.interruption import Interrupted


class _Killed(BaseException):
    pass


class _Kill(pl.Callback):
    """Ends training at a step, or in validation, as kill -9 would: nothing is saved on the way out."""

    def __init__(self, step: int, where: str) -> None:
        self.step, self.where = step, where

    def on_train_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        if self.where == "start" and trainer.global_step == self.step:
            raise _Killed

    def on_before_optimizer_step(self, trainer: pl.Trainer, *_: Any) -> None:
        if self.where == "middle" and trainer.global_step == self.step:
            raise _Killed

    def on_validation_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        if self.where == "validation" and trainer.global_step >= self.step:
            raise _Killed


def same(one: Training, two: Training) -> None:
    a, b = one.module.state_dict(), two.module.state_dict()
    assert a.keys() == b.keys()
    for key in a:
        assert torch.equal(a[key], b[key]), key
    for before, after in zip(one.history.rows, two.history.rows, strict=True):
        assert {**before, "seconds": 0} == {**after, "seconds": 0}
    assert one.checkpoints.best == two.checkpoints.best


def stopped(training: Training, kind: type[BaseException]) -> None:
    with pytest.raises(kind):
        training.run()


WHERE = ["start", "middle", "validation"]
QUICK = {(0, "start"), (5, "start"), (7, "middle"), (10, "validation"), (14, "middle")}
"""The first batch, the first of an epoch, between two, a validation, and the last: the rest of the grid is long."""


def kills() -> Iterator[Any]:
    for step, where in itertools.product([0, 1, 4, 5, 7, 9, 10, 13, 14], WHERE):
        yield pytest.param(step, where, marks=[] if (step, where) in QUICK else pytest.mark.long)


@pytest.mark.parametrize(("step", "where"), kills())
def test_kills(undisturbed: Training, tmp_path: Path, step: int, where: str) -> None:
    stopped(Training(tmp_path, _Kill(step, where), every_steps=2), _Killed)
    same(undisturbed, Training(tmp_path, every_steps=2).run())


@pytest.mark.long
@pytest.mark.parametrize("options", [{"ema": 0.5}, {"accumulate": 2, "batch_size": 4}, {"clip_norm": 0.1, "mixup": 0.0}])
@pytest.mark.parametrize("step", [2, 3, 6])
def test_kills_with_other_recipes(tmp_path: Path, options: dict[str, Any], step: int) -> None:
    whole = Training(tmp_path / "whole", recipe=options).run()
    stopped(Training(tmp_path / "cut", _Kill(step, "middle"), every_steps=1, recipe=options), _Killed)
    same(whole, Training(tmp_path / "cut", every_steps=1, recipe=options).run())


@pytest.mark.parametrize("step", [3, 5])
def test_kills_with_images_on_the_device(tmp_path: Path, step: int) -> None:
    whole = Training(tmp_path / "whole", placement="device").run()
    stopped(Training(tmp_path / "cut", _Kill(step, "middle"), every_steps=1, placement="device"), _Killed)
    same(whole, Training(tmp_path / "cut", every_steps=1, placement="device").run())


def test_between_added_up_batches_nothing_is_saved(tmp_path: Path) -> None:
    recipe = {"accumulate": 2, "batch_size": 4}
    whole = Training(tmp_path / "whole", recipe=recipe).run()
    assert whole.trainer.global_step == 3 * 5
    stopped(Training(tmp_path / "cut", _SignalAtBatch(2), recipe=recipe), Interrupted)
    position = torch.load(tmp_path / "cut" / "checkpoints" / "last.ckpt", weights_only=True)["ImageData"]["position"]
    assert position == [0, 4]
    same(whole, Training(tmp_path / "cut", recipe=recipe).run())


@pytest.mark.long
def test_rare_validation(tmp_path: Path) -> None:
    whole = Training(tmp_path / "whole", recipe={"epochs": 5}, validate_every=3).run()
    assert ["val_top1" in row for row in whole.history.rows] == [False, False, True, False, True]
    stopped(Training(tmp_path / "cut", _Kill(22, "start"), every_steps=1, recipe={"epochs": 5}, validate_every=3), _Killed)
    same(whole, Training(tmp_path / "cut", recipe={"epochs": 5}, validate_every=3).run())


def test_many_kills(undisturbed: Training, tmp_path: Path) -> None:
    for step in (1, 3, 4, 6, 8, 9, 11, 12, 13):
        stopped(Training(tmp_path, _Kill(step, "middle"), every_steps=1), _Killed)
    same(undisturbed, Training(tmp_path, every_steps=1).run())


class _Signal(pl.Callback):
    def __init__(self, signum: int, step: int, in_validation: bool = False) -> None:
        self.signum, self.step, self.in_validation = signum, step, in_validation

    def on_train_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        if not self.in_validation and trainer.global_step == self.step:
            os.kill(os.getpid(), self.signum)

    def on_validation_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        if self.in_validation and trainer.global_step >= self.step:
            os.kill(os.getpid(), self.signum)


class _SignalAtBatch(pl.Callback):
    def __init__(self, batch: int) -> None:
        self.batch = batch

    def on_train_batch_start(self, trainer: pl.Trainer, module: pl.LightningModule, batch: Any, batch_idx: int) -> None:
        if batch_idx == self.batch:
            os.kill(os.getpid(), signal.SIGTERM)


def test_one_ctrl_c_may_come_twice(tmp_path: Path, undisturbed: Training) -> None:
    """A terminal sends it to all processes, and a launcher hands it on."""

    class Twice(pl.Callback):
        def on_train_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
            if trainer.global_step == 6:
                os.kill(os.getpid(), signal.SIGINT)
                os.kill(os.getpid(), signal.SIGINT)

    stopped(Training(tmp_path, Twice()), Interrupted)
    same(undisturbed, Training(tmp_path).run())


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 75), (signal.SIGINT, 130)])
@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 6, pytest.param(9, marks=pytest.mark.long)])
def test_signals_save_and_stop(undisturbed: Training, tmp_path: Path, signum: int, code: int, step: int) -> None:
    before = signal.getsignal(signum)
    with pytest.raises(Interrupted) as caught:
        Training(tmp_path, _Signal(signum, step)).run()
    assert caught.value.code == code
    assert signal.getsignal(signum) is before
    if step != 9:  # After the last step of an epoch, nothing is saved.
        position = torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)["ImageData"]["position"]
        assert position == [step // 5, step % 5 + 1]
    same(undisturbed, Training(tmp_path).run())


class _Steps(DummyLogger):
    def __init__(self) -> None:
        super().__init__()
        self.steps: list[int | None] = []

    def log_metrics(self, metrics: Any, step: int | None = None) -> None:
        if "lr" in metrics:
            self.steps.append(step)


def test_the_step_at_which_training_stops_is_logged(tmp_path: Path) -> None:
    logger = _Steps()
    first, second = Training(tmp_path, _Signal(signal.SIGTERM, 5)), Training(tmp_path)
    for training in (first, second):
        training.trainer.loggers = [logger]
        training.trainer.log_every_n_steps = 2
    stopped(first, Interrupted)
    assert logger.steps == [1, 3, 5]
    second.run()
    assert logger.steps == [1, 3, 5, 7, 9, 11, 13]


@pytest.mark.parametrize(("signum", "kind"), [(signal.SIGTERM, Interrupted), (signal.SIGINT, SystemExit)])
def test_before_the_first_step_is_done_there_is_nothing_to_wait_for(
    undisturbed: Training, tmp_path: Path, signum: int, kind: type[BaseException]
) -> None:
    class InFirstStep(pl.Callback):
        def on_before_optimizer_step(self, *_: Any) -> None:
            os.kill(os.getpid(), signum)
            pytest.fail("the step went on")

    with pytest.raises(kind) as caught:
        Training(tmp_path, InFirstStep()).run()
    if isinstance(caught.value, Interrupted):
        assert caught.value.code == 75
    else:  # Lightning's own way to end after Ctrl-C.
        assert isinstance(caught.value.__context__, KeyboardInterrupt)
    assert not (tmp_path / "checkpoints" / "last.ckpt").exists()
    same(undisturbed, Training(tmp_path).run())


def test_lightning_does_not_take_sigterm(tmp_path: Path) -> None:
    """Its handler waits for the other processes, in a collective that they do not know of."""
    seen = []

    class Handler(pl.Callback):
        def on_train_start(self, *_: Any) -> None:
            seen.append(signal.getsignal(signal.SIGTERM))

    training = Training(tmp_path, Handler(), recipe={"epochs": 1, "warmup_epochs": 0}).run()
    assert seen == [training.interruption._note]


def test_a_signal_in_validation(undisturbed: Training, tmp_path: Path) -> None:
    stopped(Training(tmp_path, _Signal(signal.SIGTERM, 10, in_validation=True), every_steps=3), Interrupted)
    same(undisturbed, Training(tmp_path).run())


def test_a_finished_training_has_nothing_left_to_do(undisturbed: Training) -> None:
    again = Training(undisturbed.folder).run()
    same(undisturbed, again)
