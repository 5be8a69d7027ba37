"""What a training returns."""

from dataclasses import dataclass
from pathlib import Path

from zen_lightning.api.fitting import Row
from zen_lightning.arch import BaseArchitecture
from zen_lightning.nets import StagedNetwork
from zen_lightning.system.brief import brief
from zen_lightning.training.validation_details import ClassAccuracy, ValidationDetails


@dataclass(frozen=True)
class Training:
    """A trained network, and how it came about.

    Attributes:
        network: the network, with the weights of its best epoch, in eval mode, on the CPU.
        architecture: its architecture.
        val_top1: the top-1 accuracy of the best epoch, in percent; None where nothing was validated.
        val_top5: likewise.
        best_epoch: counted from 1; None likewise.
        history: a row for each epoch: epoch, step, lr, train_loss, val_loss, val_top1, val_top5, seconds, images_per_second,
            data_wait (percent), peak_memory_mb.
        classes: names, in the order of the logits.
        image_size: height and width of the images that it was trained on.
        mean: the mean that they were normalised by, of each channel.
        std: likewise.
        details: what the best validation says of each class, and of its calibration; None where nothing was validated.
        seconds: the seconds from start to end.
        folder: the folder, with weights, history, checkpoints and result; None where none was asked for.
        stopped_early: the sentence on why it ended before its last epoch; None where it did not.
    """

    network: StagedNetwork
    architecture: BaseArchitecture
    val_top1: float | None
    val_top5: float | None
    best_epoch: int | None
    history: list[Row]
    classes: tuple[str, ...]
    image_size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    seconds: float
    folder: Path | None = None
    stopped_early: str | None = None
    details: ValidationDetails | None = None

    def __repr__(self) -> str:
        ended = {"epochs": len(self.history), "stopped_early": self.stopped_early, "seconds": self.seconds}
        return brief(self, "val_top1", "val_top5", "best_epoch", **ended, folder=self.folder, architecture=self.architecture)

    @property
    def per_class(self) -> list[ClassAccuracy]:
        """What the best validation finds of each class, in the order of the labels; nothing where nothing was validated."""
        return [] if self.details is None else self.details.classes(self.classes)
