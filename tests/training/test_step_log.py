"""What a step measured reaches the loggers under its own number, once."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from zen_lightning.training.step_log import StepLog


class _Logger:
    def __init__(self) -> None:
        self.seen: list[tuple[int, dict[str, float]]] = []

    def log_metrics(self, metrics: dict[str, float], step: int) -> None:
        assert all(isinstance(value, float) for value in metrics.values())
        self.seen.append((step, metrics))


def _trainer(*loggers: _Logger, every: int = 10) -> Any:
    return SimpleNamespace(loggers=list(loggers), log_every_n_steps=every, global_step=0, current_epoch=2)


def test_every_tenth_step_is_logged_with_the_number_of_its_own_step() -> None:
    logger = _Logger()
    trainer, log = _trainer(logger), StepLog()
    for done in range(31):
        trainer.global_step = done
        log.step(trainer, {"lr": done / 100, "train_loss": torch.tensor(float(done), requires_grad=True)})
    assert [step for step, _ in logger.seen] == [9, 19, 29]
    assert logger.seen[0][1] == {"epoch": 2.0, "lr": 0.1, "train_loss": 10.0}


def test_batches_whose_gradients_are_added_up_are_one_step() -> None:
    logger = _Logger()
    trainer, log = _trainer(logger, every=2), StepLog()
    for done in (0, 0, 1, 1, 2, 2, 3, 3, 4):
        trainer.global_step = done
        log.step(trainer, {"lr": 0.1})
    assert [step for step, _ in logger.seen] == [1, 3]


def test_without_loggers_nothing_is_read() -> None:
    class Unread(dict[str, float]):
        def items(self) -> Any:
            raise AssertionError

    trainer, log = _trainer(), StepLog()
    trainer.global_step = 10
    log.step(trainer, Unread())
    log.flush(trainer)


class _Event:
    """Stands for a copy from a GPU on its way."""

    def __init__(self) -> None:
        self.arrived = self.waited = False

    def query(self) -> bool:
        return self.arrived

    def synchronize(self) -> None:
        self.waited = True


def test_a_copy_on_its_way_is_logged_once_it_has_arrived() -> None:
    logger = _Logger()
    trainer, log, event = _trainer(logger), StepLog(), _Event()
    log._waiting = ({"train_loss": torch.tensor(3.0)}, 9, event)  # type: ignore[assignment]
    trainer.global_step = 11
    log.step(trainer, {})
    assert logger.seen == []
    event.arrived = True
    trainer.global_step = 12
    log.step(trainer, {})
    log.step(trainer, {})
    assert logger.seen == [(9, {"train_loss": 3.0})]


def test_the_end_of_an_epoch_waits_for_it() -> None:
    first, second = _Logger(), _Logger()
    trainer, log, event = _trainer(first, second), StepLog(), _Event()
    log._waiting = ({"train_loss": torch.tensor(3.0)}, 9, event)  # type: ignore[assignment]
    log.flush(trainer)
    log.flush(trainer)
    assert event.waited
    assert first.seen == second.seen == [(9, {"train_loss": 3.0})]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu_values_are_those_of_their_own_step() -> None:
    logger = _Logger()
    trainer, log = _trainer(logger, every=1), StepLog()
    loss = torch.zeros((), device="cuda")
    for done in range(1, 51):
        loss.fill_(done)  # In place: a late copy would hold a later step's value.
        trainer.global_step = done
        log.step(trainer, {"train_loss": loss})
    log.flush(trainer)
    assert [(step + 1, metrics["train_loss"]) for step, metrics in logger.seen] == [(done, done) for done in range(1, 51)]
