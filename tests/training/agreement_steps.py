"""Takes the steps of a training with an Agreement, without a training: ``python agreement_steps.py RANK FOLDER``."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import distributed

from zen_lightning.training import agreement as module
from zen_lightning.training.agreement import Agreement

BATCHES, EPOCHS = 300, 2

CASES = [(0.01, 240, 1), (0.1, 240, 1), (0.4, 240, 1), (2.0, 240, 1), (2.0, 240, 4), (0.05, BATCHES * EPOCHS, 1)]
"""Seconds of a batch, the batch that process 1 wishes to stop after, and batches of a step."""


class Clock:
    """Time as a process sees it: its steps take so long."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


def train(agreement: Agreement, clock: Clock, rank: int, world: int, step: float, wished: int, each: int) -> dict[str, Any]:
    """Take steps as a trainer does; process 1 wishes from a step on. Return when all agreed and looked."""
    trainer: Any = SimpleNamespace(
        world_size=world,
        accumulate_grad_batches=each,
        num_training_batches=BATCHES,
        is_last_batch=False,
        state=SimpleNamespace(fn="fit"),
        num_val_batches=[5 + rank],
    )
    done, agreed, looks = 0, [], []
    agreement.ask("stop", lambda: looks.append(done) is not None or (rank == 1 and done >= wished))
    agreement.setup(trainer, None, "fit")  # type: ignore[arg-type]
    for _ in range(EPOCHS):
        agreement.on_train_epoch_start(trainer, None)  # type: ignore[arg-type]
        for batch in range(BATCHES):
            clock.now += step * (1 + rank / 10)
            done += 1
            trainer.is_last_batch = batch == BATCHES - 1
            agreement.on_train_batch_start(trainer, None, None, batch)  # type: ignore[arg-type]
            agreement.on_train_batch_end(trainer, None, None, None, batch)  # type: ignore[arg-type]
            if agreement.agreed("stop"):
                agreed.append(done)
        agreement.on_validation_start(trainer, None)  # type: ignore[arg-type]
        for batch in range(trainer.num_val_batches[0]):  # Process 1 has one more.
            agreement.on_validation_batch_end(trainer, None, None, None, batch)  # type: ignore[arg-type]
    return {"agreed": agreed, "looks": looks, "largest": agreement.largest(rank, -rank)}


def main(rank: int, folder: Path) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    results = []
    for step, wished, each in CASES:
        clock = Clock()
        module.time = clock  # type: ignore[assignment]
        results.append(train(Agreement(), clock, rank, 2, step, wished, each))
    (folder / f"{rank}.json").write_text(json.dumps(results))
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
