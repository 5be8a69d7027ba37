"""``task=export``: a trained network as a file that runs without this project."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig

from zen_lightning.api.calibrating import HELD_OUT, IMAGES, CalibrationPlan
from zen_lightning.api.exporting import FILES, export, exporters_of
from zen_lightning.api.sources import Setting
from zen_lightning.config.keys import read_keys
from zen_lightning.config.plain import plain
from zen_lightning.data import DataSource
from zen_lightning.errors import UserError
from zen_lightning.nets.export import Exporter
from zen_lightning.nets.export.calibration import LARGEST_LOSS
from zen_lightning.runs.names import RESULT
from zen_lightning.system.memory import check_image_fits
from zen_lightning.system.named_path import expanded
from zen_lightning.system.value_types import Classes, Count, Formats, Images, OneNetwork, PercentagePoints, Pixels, Seconds
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.architecture_source import read_setting
from zen_lightning.tasks.networks.checking import tell_architecture
from zen_lightning.tasks.networks.export_result import result_of, show_files
from zen_lightning.tasks.training.checking import check_source, tell_trained
from zen_lightning.tasks.training.evaluate import check_same_classes
from zen_lightning.tasks.training.images import make_source, read_source
from zen_lightning.tasks.training.trained_network import said_of


@dataclass
class ExportKeys:
    """The keys of ``task=export``."""

    arch: OneNetwork | None = None
    weights: str | None = None
    format: Formats = "onnx"
    fold: bool = True
    opset: Count | None = None
    dynamic_size: bool = False
    random_weights: bool = False
    calibration: Images | None = None
    calibration_images: Count = IMAGES
    accuracy_images: Count = HELD_OUT
    accuracy_loss: PercentagePoints = LARGEST_LOSS
    measure_seconds: Seconds = 0.5
    resolution: Pixels = 224
    num_classes: Classes = 1000
    use_se: bool | None = None


class Export(Task[ExportKeys]):
    """Writes a trained network as a file that runs without this project."""

    name = "export"
    Keys = ExportKeys
    groups = ("budget", "dataset")
    instead: ClassVar = {"precision": "format", "int8": "format", "images": "calibration", "formats": "format"}
    files = (*FILES, RESULT)
    sections = ("request.answer", "exported.exported", "network.network", "published.published")

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be exported."""
        checks.ask("arch", _check_asked)
        exporters = checks.ask("format", _exporters)
        if exporters:
            checks.tell("formats", ", ".join(exporter.name for exporter in exporters))
        if isinstance(checks.config.arch, str):
            checks.ask("output_dir", lambda config: _check_folder(config.arch, self.folder))
        source = _check_calibration(checks, exporters or [])
        if checks.config.random_weights:
            tell_architecture(checks)
            checks.ask("resolution", self._check_size)
            return
        trained = tell_trained(checks)
        if trained is not None and source is not None:
            checks.ask("dataset", lambda config: check_same_classes(config, trained, source))

    def _check_size(self, config: DictConfig) -> None:
        check_image_fits(read_setting(config, self.command, config.arch).resolution)

    def run(self) -> float:
        """Write the network of ``arch=`` as a file of each format; print a table and write ``result.json``.

        Returns:
            the largest difference of logits, relative to the largest logit.

        Raises:
            UserError: ``arch`` is missing or has no weights, a format does not exist, the logits differ, or int8 has no images
                or loses too much.
            MissingExtraError: a package of a format is not installed.
        """
        config, keys = self.config, self.keys
        _check_asked(config)
        exporters = _exporters(config)
        _check_folder(config.arch, self.folder)
        quantised = any(exporter.quantised for exporter in exporters)
        if quantised:
            _plan(config, keys)
        written = export(
            config.arch,
            self.folder,
            [exporter.name for exporter in exporters],
            weights=config.weights,
            fold=config.fold,
            random_weights=config.random_weights,
            opset=keys.opset,
            dynamic_size=keys.dynamic_size,
            calibration=_calibration(config),
            calibration_images=keys.calibration_images,
            dataset=read_source(config, self.command) if quantised and "_target_" in config.dataset else None,
            accuracy_images=keys.accuracy_images,
            accuracy_loss=keys.accuracy_loss,
            measure_seconds=keys.measure_seconds,
            seed=config.seed,
            said=said_of(config, self.command),
            fallback=Setting(config.resolution, config.num_classes),
        )
        self.leave(result_of(config, written, exporters))
        show_files(config, written, exporters)
        print(self.listed())
        return max(one.relative_difference for one in written.files)


def _check_asked(config: DictConfig) -> None:
    """Raise a UserError where the command names no network, both weights and none, or a time that cannot be."""
    if not isinstance(config.arch, str):
        remedy = "the folder of a training, a name of the zoo, or a file of weights"
        raise UserError("task=export needs arch=", key="arch", remedy=remedy)
    if config.random_weights and config.weights is not None:
        value = f"{config.weights} random_weights=true"
        raise UserError("choose one of them", key="weights", value=value, involves=["random_weights"])
    if not config.measure_seconds >= 0:
        raise UserError(key="measure_seconds", value=config.measure_seconds, expected="0 or more")


def _check_folder(source: str, folder: Path) -> None:
    """Raise a UserError where an export would overwrite the result of the run that is exported."""
    path = expanded(source.strip())
    if path.is_dir() and path.resolve() == folder.resolve():
        what = f"output_dir={folder} is the folder of the run that is exported, whose result.json stays"
        raise UserError(what, key="output_dir", remedy="give another")


def _exporters(config: DictConfig) -> list[Exporter]:
    """Return the formats that are asked for."""
    return exporters_of(plain(config.format, resolve=False), read_keys(ExportKeys, config).opset)


def _calibration(config: DictConfig) -> Any:
    """Return what ``calibration=`` names: one name, or several."""
    return plain(config.calibration, resolve=False)


def _plan(config: DictConfig, keys: ExportKeys) -> None:
    """Raise a UserError where int8 has no images, or its numbers are out of range."""
    named, source = _calibration(config), make_source(config) if "_target_" in config.dataset else None
    if named is not None and not isinstance(named, str | list):
        raise UserError(
            key="calibration", value=named, expected="a folder of images, a list of images, or the name of a dataset"
        )
    plan = CalibrationPlan(named, source, keys.calibration_images, keys.accuracy_images, keys.accuracy_loss, config.seed)
    if not (config.random_weights and named is None and source is None):
        plan.check()


def _check_calibration(checks: Checks, exporters: list[Exporter]) -> DataSource | None:
    """Note what is wrong with the images for int8; return the dataset, where one is chosen."""
    if not any(exporter.quantised for exporter in exporters):
        return None
    checks.ask("calibration", lambda config: _plan(config, read_keys(ExportKeys, config)))
    return check_source(checks) if "_target_" in checks.config.dataset else None
