"""Counts that tell more than one accuracy: which classes are taken for which, and how sure the network is when it is right."""

import torch
from torch import Tensor, nn

from zen_lightning.training.tallies import Tally
from zen_lightning.training.validation_details import BINS, ValidationDetails


class Confusion(Tally):
    """Counts how often the images of each class are taken for each class.

    The same counts as torchmetrics' ``MulticlassConfusionMatrix``, whose update of a batch allocates a whole matrix, and a
    matrix for every image where PyTorch is told to be deterministic on a GPU: gigabytes for a thousand classes.

    Args:
        num_classes: number of classes.

    Example:
        >>> confusion = Confusion(2)
        >>> confusion.update(torch.tensor([[2.0, 1.0], [3.0, 0.0]]), torch.tensor([0, 1]))
        >>> confusion.compute().tolist()
        [[1, 0], [1, 0]]
    """

    counts: Tensor

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.add_state("counts", torch.zeros(num_classes**2, dtype=torch.int32), dist_reduce_fx="sum")

    def update(self, logits_bk: Tensor, labels_b: Tensor) -> None:
        """Add a batch.

        Args:
            logits_bk: shape (batch, classes).
            labels_b: int64, shape (batch,).
        """
        pairs_b = labels_b * self.num_classes + logits_bk.argmax(1)
        self.counts.index_add_(0, pairs_b, torch.ones_like(pairs_b, dtype=torch.int32))

    def compute(self) -> Tensor:
        """Return the counts over all images of all processes, shape (classes, classes): the true class, then the predicted."""
        return self.counts.view(self.num_classes, self.num_classes)


class Calibration(Tally):
    """Sums, over bins of the network's confidence, how sure it is and how often it is right.

    What the expected calibration error is made of (https://arxiv.org/abs/1706.04599, section 2): the images are put into bins
    of equal width by the probability of the class that is predicted. Sums for each bin take the same room whatever the number
    of images, and the reliability diagram needs them, where torchmetrics' ``MulticlassCalibrationError`` keeps every image and
    returns the error alone.

    Example:
        >>> calibration = Calibration()
        >>> calibration.update(torch.tensor([[0.0, 0.0], [9.0, 0.0]]), torch.tensor([0, 0]))
        >>> calibration.compute().sum(0).tolist()[0]
        2.0
    """

    sums: Tensor

    def __init__(self) -> None:
        super().__init__()
        dtype = torch.float32 if torch.backends.mps.is_available() else torch.float64
        self.add_state("sums", torch.zeros(BINS, 3, dtype=dtype), dist_reduce_fx="sum")

    def update(self, logits_bk: Tensor, labels_b: Tensor) -> None:
        """Add a batch; the shapes are those of :meth:`Confusion.update`."""
        confidence_b, predicted_b = logits_bk.softmax(1).max(1)
        # Bins are open below and closed above, as in the paper.
        at_b = (confidence_b * BINS).ceil().long().sub_(1).clamp_(0, BINS - 1)
        right_b = predicted_b == labels_b
        row_b = torch.stack((torch.ones_like(confidence_b), confidence_b, right_b.to(confidence_b.dtype)), 1)
        self.sums.index_add_(0, at_b, row_b.to(self.sums.dtype))

    def compute(self) -> Tensor:
        """Return, for each bin, the number of images, the sum of their confidences, and how many are right; (bins, 3)."""
        return self.sums


class DetailTallies(nn.Module):
    """Both counts of a validation.

    Args:
        num_classes: number of classes.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.confusion = Confusion(num_classes)
        self.calibration = Calibration()

    def update(self, logits_bk: Tensor, labels_b: Tensor) -> None:
        """Add a batch."""
        self.confusion.update(logits_bk, labels_b)
        self.calibration.update(logits_bk, labels_b)

    def finish(self) -> ValidationDetails:
        """Return the counts over all processes, which all call this, and begin anew."""
        found = ValidationDetails(
            self.confusion.compute().cpu().long().numpy().copy(), self.calibration.compute().cpu().double().numpy().copy()
        )
        self.confusion.reset()
        self.calibration.reset()
        return found
