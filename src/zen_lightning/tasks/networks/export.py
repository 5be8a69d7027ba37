"""``task=export``: a trained network as a file that runs without this project."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from zen_lightning.api.exporting import export, exporters_of
from zen_lightning.api.sources import Setting
from zen_lightning.api.trained import Trained
from zen_lightning.budget import counts
from zen_lightning.config.keys import read_keys
from zen_lightning.config.plain import plain
from zen_lightning.errors import UserError
from zen_lightning.nets.export import Exported, Exporter
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.provenance import versions
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.checking import tell_architecture
from zen_lightning.tasks.training.checking import tell_trained
from zen_lightning.tasks.training.trained_network import said_of


@dataclass
class ExportKeys:
    """The keys of ``task=export``."""

    arch: str | None = None
    weights: str | None = None
    format: Any = "onnx"
    fold: bool = True
    opset: int | None = None
    random_weights: bool = False
    resolution: int = 224
    num_classes: int = 1000
    use_se: bool | None = None


class Export(Task[ExportKeys]):
    """Writes a trained network as a file that runs without this project."""

    name = "export"
    Keys = ExportKeys
    groups = ("budget",)
    files = ("model.onnx", "model.pt2", RESULT)
    sections = ("request.answer", "network.network", "published.published")

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be exported."""
        checks.ask("arch", _check_asked)
        exporters = checks.ask("format", _exporters)
        if exporters:
            checks.tell("formats", ", ".join(exporter.name for exporter in exporters))
        if isinstance(checks.config.arch, str):
            checks.ask("output_dir", lambda config: _check_folder(config.arch, self.folder))
        if checks.config.random_weights:
            tell_architecture(checks)
        else:
            tell_trained(checks)

    def run(self) -> float:
        """Write the network of ``arch=`` as ``model.onnx``, ``model.pt2`` or both; print a table and write ``result.json``.

        Returns:
            the largest difference of logits, relative to the largest logit.

        Raises:
            UserError: ``arch`` is missing or has no weights, a format does not exist, or the logits differ.
            MissingExtraError: a package of a format is not installed.
        """
        config = self.config
        _check_asked(config)
        exporters = _exporters(config)
        _check_folder(config.arch, self.folder)
        trained, exported = export(
            config.arch,
            self.folder,
            [exporter.name for exporter in exporters],
            weights=config.weights,
            fold=config.fold,
            random_weights=config.random_weights,
            opset=self.keys.opset,
            seed=config.seed,
            said=said_of(config, self.command),
            fallback=Setting(config.resolution, config.num_classes),
        )
        self.leave(_result(config, trained, exporters, exported))
        _show(config, trained, exporters, exported)
        print(f"in {self.folder}: {', '.join(one.path.name for one in exported)}, {RESULT}")
        return max(one.relative_difference for one in exported)


def _check_asked(config: DictConfig) -> None:
    """Raise a UserError where the command names no network, or both weights and none."""
    if not isinstance(config.arch, str):
        remedy = "the folder of a training, a name of the zoo, or a file of weights"
        raise UserError("task=export needs arch=", key="arch", remedy=remedy)
    if config.random_weights and config.weights is not None:
        value = f"{config.weights} random_weights=true"
        raise UserError("choose one of them", key="weights", value=value, involves=["random_weights"])


def _check_folder(source: str, folder: Path) -> None:
    """Raise a UserError where an export would overwrite the result of the run that is exported."""
    path = Path(source.strip()).expanduser()
    if path.is_dir() and path.resolve() == folder.resolve():
        what = f"output_dir={folder} is the folder of the run that is exported, whose result.json stays"
        raise UserError(what, key="output_dir", remedy="give another")


def _exporters(config: DictConfig) -> list[Exporter]:
    """Return the formats that are asked for."""
    return exporters_of(plain(config.format, resolve=False), read_keys(ExportKeys, config).opset)


def _result(config: DictConfig, trained: Trained, exporters: list[Exporter], exported: list[Exported]) -> dict[str, Any]:
    architecture = trained.network.architecture
    resolution, num_classes, use_se = trained.setting
    packages = {name: text for exporter in exporters for name, text in exporter.versions().items()}
    return {
        "structure": str(architecture),
        **counts(architecture, resolution, num_classes, use_se),
        "resolution": resolution,
        "num_classes": num_classes,
        "use_se": use_se,
        "weights": trained.origin,
        "fold": config.fold,
        "files": [
            {
                "format": one.format,
                "file": one.path.name,
                "size": one.size,
                "sha256": one.sha256,
                "largest_difference": one.difference,
                "relative_difference": one.relative_difference,
                "rounding": one.rounding,
                "unfolded": one.unfolded,
                **one.facts,
            }
            for one in exported
        ],
        "versions": {**versions(), **packages},
    }


def _show(config: DictConfig, trained: Trained, exporters: list[Exporter], exported: list[Exported]) -> None:
    resolution, num_classes, _ = trained.setting
    table = Table(
        f"Exported at {resolution} px, {num_classes} classes; {trained.origin}",
        ["file", "bytes", "largest difference of logits", "relative", "float32 rounding"],
    )
    for one in exported:
        table.add(
            one.path.name, f"{one.size:,}", f"{one.difference:.2g}", f"{one.relative_difference:.2g}", f"{one.rounding:.2g}"
        )
    table.print()
    if config.fold and exported[0].unfolded:
        print(f"no convolution is right before these batch norms, which stay: {', '.join(exported[0].unfolded)}")
    channels = trained.network.architecture.in_channels
    for exporter, one in zip(exporters, exported, strict=True):
        usage = exporter.usage(one.path, resolution, channels)
        print(f"\nTo run {one.path.name}, on any number of images:\n\n{usage}\n")
