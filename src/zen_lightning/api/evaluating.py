"""``zl.evaluate``: what a trained network reaches on the validation images of a dataset."""

import tempfile
from pathlib import Path
from typing import Any

from zen_lightning.api.evaluation import Evaluated, evaluate_network
from zen_lightning.api.exported import ExportedNetwork, exported_network, exporter_of
from zen_lightning.api.sources import read_setting
from zen_lightning.api.trained import Said, Trained, read_trained
from zen_lightning.api.training_plan import one_process, read_dataset
from zen_lightning.api.training_result import Training
from zen_lightning.data import DataSource
from zen_lightning.errors import keyed
from zen_lightning.system.checked import checked
from zen_lightning.system.named_path import expanded
from zen_lightning.system.value_types import BatchSize, Classes, Pixels
from zen_lightning.training.trainer import Machine


@checked
def evaluate(
    arch: str | Path | Training,
    dataset: str | DataSource = "digits",
    *,
    weights: str | Path | None = None,
    batch_size: BatchSize = 128,
    crop_size: Pixels | None = None,
    resolution: Pixels | None = None,
    num_classes: Classes | None = None,
    use_se: bool | None = None,
    machine: Machine | None = None,
    **settings: Any,
) -> Evaluated:
    """Measure what a trained network reaches on the validation images of a dataset, as ``task=evaluate`` does.

    Args:
        arch: the folder of a training, a name of the zoo, a file of weights, an exported file (``model.onnx``, ``model.pt2``),
            or what ``zl.train`` returned.
        dataset: a name, or a dataset.
        weights: file of the weights, where ``arch`` does not say.
        batch_size: images a batch.
        crop_size: height and width that images are brought to; None: as published, else the resolution.
        resolution: height and width of the network's images; None: as recorded with the weights.
        num_classes: the number of classes for weights that record none; None: as recorded.
        use_se: likewise.
        machine: the machine that it runs on; None: one GPU where there is one, else the CPU.
        settings: the settings of the dataset: ``root``, ``image_size``, ...

    Raises:
        UserError: there is no such network or dataset, or they have different classes.

    Example:
        >>> import zen_lightning as zl
        >>> trained = zl.train("SuperConvK3BNRELU(3,8,2,1)", "digits", epochs=1, limit=64, batch_size=16, resolution=8)
        >>> found = zl.evaluate(trained, "digits")
        >>> len(found.per_class), found.confusion.shape, int(found.confusion.sum()) - found.images
        (10, (10, 10), 0)
    """
    device = one_process(machine or Machine())
    said = Said(resolution, num_classes, use_se)
    trained: Trained | ExportedNetwork
    if isinstance(arch, Training):
        trained = _of_training(arch, resolution)
    elif weights is None and (exporter := exporter_of(arch)) is not None:
        trained = exported_network(expanded(arch), exporter, said)
    else:
        trained = read_trained(str(arch), weights, said)
    source, _ = read_dataset(dataset, settings, trained.preprocessing.grey_range if trained.preprocessing else None)
    with tempfile.TemporaryDirectory() as nowhere, keyed({"image_size": "crop_size"}):
        own = [name for name in ("mean", "std", "crop_ratio") if name in settings]
        place = Path(nowhere)
        return evaluate_network(trained, source, device, place, batch_size=batch_size, crop_size=crop_size, own=own)


def _of_training(training: Training, resolution: int | None) -> Trained:
    size = training.image_size if resolution is None else resolution
    setting = read_setting(training.architecture, size, len(training.classes))
    return Trained(training.network, setting._replace(use_se=bool(getattr(training.network, "use_se", False))), "a training")
