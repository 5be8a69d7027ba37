"""LightningModules that validate: top-1, top-5, loss, each class, and calibration."""

from collections.abc import Callable

import pytorch_lightning as pl
from torch import Tensor
from torch.nn import functional

from zen_lightning.training.detail_tallies import DetailTallies
from zen_lightning.training.tallies import Mean, TopCorrect
from zen_lightning.training.validation_details import ValidationDetails


class ValidatingModule(pl.LightningModule):
    """Measures what a network makes of labelled images; ``forward`` is left to the class that derives from this.

    Args:
        num_classes: number of classes.

    Attributes:
        details: what the last validation says of each class; None before the first.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.val_loss = Mean()
        self.val_correct = TopCorrect(num_classes)
        self.val_details = DetailTallies(num_classes)
        self.details: ValidationDetails | None = None

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        """Count what the final network gets right; no smoothing, no mixing, no weights of classes."""
        images, labels = batch
        logits = self(images).float()
        self.val_loss.update(functional.cross_entropy(logits, labels), len(labels))
        self.val_correct.update(logits, labels)
        self.val_details.update(logits, labels)

    def on_validation_epoch_end(self) -> None:
        """Log ``val_top1`` and ``val_top5`` in percent, and ``val_loss``: exact, over all images, the same in all processes."""
        top1, top5 = self.val_correct.compute().mul(100)
        for name, value in (("val_loss", self.val_loss.compute()), ("val_top1", top1), ("val_top5", top5)):
            self.log(name, value)
        self.val_loss.reset()
        self.val_correct.reset()
        self.details = self.val_details.finish()


class Evaluator(ValidatingModule):
    """Validates a network, or a function from images to logits such as what runs an exported file.

    Args:
        network: takes images of shape (batch, 3, height, width) and returns logits of shape (batch, classes).
        num_classes: number of classes.
        input_size: height and width that images are brought to before they enter the network; None leaves them.
    """

    def __init__(self, network: Callable[[Tensor], Tensor], num_classes: int, input_size: int | None = None) -> None:
        super().__init__(num_classes)
        self.network = network
        self.input_size = input_size

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, shape (batch, classes)."""
        logits: Tensor = self.network(scaled(images, self.input_size))
        return logits


def scaled(images: Tensor, size: int | None) -> Tensor:
    """Return images brought to a height and width by bilinear interpolation; as they are where they fit, or at None."""
    if size is None or images.shape[-1] == size == images.shape[-2]:
        return images
    return functional.interpolate(images, size=(size, size), mode="bilinear", align_corners=False)
