"""The loaders of a training: workers, processes, errors."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from dataset_files import truncate, write_folder
from zen_lightning.data import Augmentation, Digits, ImageData, ImageFolder
from zen_lightning.data.batch import RawBatch
from zen_lightning.errors import UserError

STRONG = Augmentation(policy="imagenet", lighting=0.1)


def batches(data: ImageData, epoch: int = 0) -> list[tuple[Tensor, Tensor]]:
    loader = data.train_dataloader()
    assert data.train_sampler is not None
    data.train_sampler.set_epoch(epoch)
    return [data.finish(batch) for batch in loader]


def same(left: list[tuple[Tensor, Tensor]], right: list[tuple[Tensor, Tensor]]) -> bool:
    return len(left) == len(right) and all(
        torch.equal(a[0], b[0]) and torch.equal(a[1], b[1]) for a, b in zip(left, right, strict=True)
    )


def test_batches() -> None:
    data = ImageData(Digits(), 64, Augmentation(), limit=200)
    assert (data.train_size, len(data.train_dataloader())) == (200, 3)
    for images, labels in batches(data):
        assert (images.shape, images.dtype, labels.shape, labels.dtype) == ((64, 3, 16, 16), torch.float32, (64,), torch.int64)
    val = [batch.labels_b for batch in data.val_dataloader()]
    assert [len(labels) for labels in val] == [64] * 5 + [39]
    images = Digits().val()
    assert torch.cat(val).tolist() == [images.label(index) for index in range(359)]


def test_sizes_of_training_and_validation() -> None:
    data = ImageData(Digits(), 4, Augmentation(), image_size=24, eval_image_size=20, eval_batch_size=7, eval_crop_ratio=0.5)
    assert next(iter(data.train_dataloader())).pixels_bhwc.shape == (4, 24, 24, 3)
    assert next(iter(data.val_dataloader())).pixels_bhwc.shape == (7, 20, 20, 3)


@pytest.mark.parametrize(
    ("workers", "start_method"),
    [(1, "fork"), (2, "fork"), *(pytest.param(1, how, marks=pytest.mark.long) for how in ("spawn", "forkserver"))],
)
def test_workers_change_nothing(workers: int, start_method: Any) -> None:
    alone = ImageData(Digits(), 16, STRONG, workers=0, limit=64, seed=3)
    with_workers = ImageData(Digits(), 16, STRONG, workers=workers, limit=64, seed=3, start_method=start_method)
    assert same(batches(alone, 2), batches(with_workers, 2))
    assert not same(batches(alone, 2), batches(alone, 1))


def test_epochs_follow_each_other_in_workers_that_stay() -> None:
    alone, with_workers = (ImageData(Digits(), 16, STRONG, workers=workers, limit=64) for workers in (0, 2))
    loader = with_workers.train_dataloader()
    assert with_workers.train_sampler is not None
    for epoch in range(2):
        with_workers.train_sampler.set_epoch(epoch)
        assert same(batches(alone, epoch), [with_workers.finish(batch) for batch in loader])


def test_a_run_continued_in_the_middle_sees_the_tail() -> None:
    data = ImageData(Digits(), 16, STRONG, limit=100)
    expected = batches(data, 5)[4:]
    loader = data.train_dataloader()
    assert data.train_sampler is not None
    data.train_sampler.start_at(5, 4)
    assert same(expected, [data.finish(batch) for batch in loader])
    assert len(loader) == 6


def test_training_draws_the_same_whatever_the_loader_does() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    for workers in (0, 1):
        torch.manual_seed(0)
        batches(ImageData(Digits(), 16, STRONG, workers=workers, limit=32))
        assert torch.equal(torch.rand(3), expected)


def test_limit_draws_with_the_seed() -> None:
    def labels(seed: int) -> list[int]:
        images = ImageData(Digits(), 1, Augmentation(), limit=50, seed=seed)._train_images()
        return [images.label(index) for index in range(len(images))]

    assert labels(0) == labels(0) != labels(1)
    assert ImageData(Digits(), 1, Augmentation(), limit=10_000).train_size == 1438


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"workers": "many"}, r"^workers=many: expected auto, or 0 or more"),
        ({"workers": -1}, r"^workers=-1"),
        ({"prefetch": 0}, r"^prefetch=0: expected a whole number of batches, 1 or more"),
        ({"prefetch": None}, r"^prefetch=null"),
        ({"limit": 0}, r"limit=0: expected 1 or more"),
        ({"batch_size": 0}, r"^batch_size=0"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        ImageData(**{"source": Digits(), "batch_size": 1, "augmentation": Augmentation(), **arguments})


def test_workers_by_default() -> None:
    assert ImageData(Digits(), 1, Augmentation()).train_dataloader().num_workers == 0


def test_workers_deliver_8_bits_and_a_few_numbers() -> None:
    data = ImageData(Digits(), 16, STRONG, workers=1, prefetch=5)
    loader = data.train_dataloader()
    assert loader.prefetch_factor == 5
    batch = next(iter(loader))
    assert isinstance(batch, RawBatch)
    found = [(part.dtype, tuple(part.shape)) for part in batch]
    assert found == [
        (torch.uint8, (16, 16, 16, 3)), (torch.int64, (16,)), (torch.float32, (16, 3)), (torch.int64, (16, 4)),
    ]  # fmt: skip
    assert [tuple(part.shape) for part in next(iter(data.val_dataloader()))] == [(16, 16, 16, 3), (16,), (16, 0), (16, 0)]


@pytest.mark.parametrize("workers", [0, 1])
def test_the_error_of_a_worker_is_one_sentence(tmp_path: Path, workers: int) -> None:
    write_folder(tmp_path / "train")
    write_folder(tmp_path / "val", each=1)
    truncate(tmp_path / "train" / "dog" / "002.png")
    source = ImageFolder(str(tmp_path), verify=False, mean=[0, 0, 0], std=[1, 1, 1], image_size=8)
    with pytest.raises(UserError) as caught:
        batches(ImageData(source, 5, Augmentation(), workers=workers))
    assert str(caught.value).startswith(f"the image {tmp_path}/train/dog/002.png cannot be read (")
    assert str(caught.value).endswith("or let the dataset leave such images out by corrupt=skip")


def test_signals_of_a_terminal_or_scheduler_end_no_worker() -> None:
    loader = ImageData(Digits(), 16, Augmentation(), workers=1).train_dataloader()
    iterator = iter(loader)
    next(iterator)
    pid = iterator._workers[0].pid  # type: ignore[attr-defined]
    for name in ("INT", "TERM", "USR1"):
        subprocess.run(["sh", "-c", f"kill -{name} {pid}"], check=True)
    time.sleep(0.2)
    assert len(list(iterator)) == len(loader) - 1


_ENDS_A_WORKER = """
import multiprocessing, os, signal, sys, time
from zen_lightning.data.worker import start_worker

def work(ready):
    start_worker(0)
    ready.send(True)
    time.sleep(60)

signal.signal(signal.SIGTERM, lambda *_: None)
ours, theirs = multiprocessing.Pipe()
process = multiprocessing.get_context("fork").Process(target=work, args=(theirs,), daemon=True)
process.start()
assert ours.recv()
os.kill(process.pid, signal.SIGINT)
process.join(0.2)
assert process.is_alive()
process.terminate()
process.join(30)
assert not process.is_alive()
"""


def test_the_training_process_ends_its_workers() -> None:
    """A handler of its own for SIGTERM, as of a training that saves first, is not run in a worker.

    In a process of its own: one that is forked beside threads of libraries, as of other tests, may wait for their locks.
    """
    ended = subprocess.run([sys.executable, "-c", _ENDS_A_WORKER], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


class Recorder(pl.LightningModule):
    """Notes the sum of each batch it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.seen: dict[str, list[float]] = {"train": [], "val": []}

    def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        self.seen["train"].append(float(batch[0].sum()))
        return self.weight.sum()

    def validation_step(self, batch: tuple[Tensor, Tensor]) -> None:
        self.seen["val"].append(len(batch[0]))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), 0.1)


def test_lightning_moves_through_the_epochs(tmp_path: Path) -> None:
    data = ImageData(Digits(), 32, STRONG, limit=100)
    options: dict[str, Any] = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = pl.Trainer(
        max_epochs=2, accelerator="cpu", use_distributed_sampler=False, enable_model_summary=False, default_root_dir=tmp_path,
        num_sanity_val_steps=0, **options,
    )  # fmt: skip
    module = Recorder()
    trainer.fit(module, data)
    alone = ImageData(Digits(), 32, STRONG, limit=100)
    assert module.seen["train"] == [float(images.sum()) for epoch in range(2) for images, _ in batches(alone, epoch)]
    assert module.seen["val"] == ([32] * 11 + [7]) * 2


def test_validation_over_processes_takes_each_image_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[list[float]] = []
    for world in (1, 3):
        values: list[float] = []
        for rank in range(world):
            data = ImageData(Digits(), 50, Augmentation())
            monkeypatch.setattr(data, "_place", lambda rank=rank, world=world: (rank, world))
            values += [float(image.sum()) for batch in data.val_dataloader() for image in data.finish(batch)[0]]
        found.append(sorted(values))
    assert len(found[0]) == 359
    assert found[0] == pytest.approx(found[1])
