"""``task=export``: a trained network as a file that runs without this project."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf

from zen_lightning.errors import UserError, keyed
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.nets.export import Exported, Exporter, export_network, exporter_named
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.system.files import write_json
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.architecture_source import read_architecture, read_setting
from zen_lightning.tasks.networks.checking import tell_architecture
from zen_lightning.tasks.training.checking import tell_trained
from zen_lightning.tasks.training.trained_network import Trained, read_trained

_STEM = "model"
_SETTLING_BATCH = 16


def run(config: DictConfig, folder: Path, command: Command) -> float:
    """Write the network of ``arch=`` as ``model.onnx``, ``model.pt2`` or both; print a table and write ``result.json``.

    Resolution and classes are those that are recorded with the weights. A file appears once its logits are those of PyTorch.

    Returns:
        the largest difference of logits, relative to the largest logit.

    Raises:
        UserError: ``arch`` is missing or has no weights, a format does not exist, or the logits differ.
        MissingExtraError: a package of a format is not installed.
    """
    check_asked(config)
    exporters = exporters_of(config.format)
    check_folder(config.arch, folder)
    trained = _fresh(config, command) if config.random_weights else _read(config, command)
    metadata = _metadata(config, trained)
    resolution = trained.setting.resolution
    exported = [
        export_network(
            trained.network, folder / f"{_STEM}{exporter.suffix}", exporter, resolution, fold=config.fold, metadata=metadata
        )
        for exporter in exporters
    ]
    write_json(folder / "result.json", _result(config, trained, exporters, exported))
    _show(config, trained, exporters, exported)
    print(f"in {folder}: {', '.join(one.path.name for one in exported)}, result.json")
    return max(one.relative_difference for one in exported)


def check_asked(config: DictConfig) -> None:
    """Raise a UserError where the command names no network, or both weights and none."""
    if not isinstance(config.arch, str):
        raise UserError("task=export needs arch=: the folder of a training, a name of the zoo, or a file of weights")
    if config.random_weights and config.weights is not None:
        raise UserError(f"weights={config.weights} random_weights=true: choose one of them")


def exporters_of(wanted: Any) -> list[Exporter]:
    """Return the exporters of ``format=``.

    Raises:
        UserError: it is no format, nor a list of formats.
        MissingExtraError: a package of one is not installed.
    """
    names = OmegaConf.to_container(wanted) if OmegaConf.is_config(wanted) else [wanted]
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise UserError(f"format={wanted}: expected the name of a format, or a list of names such as '[onnx,torch_export]'")
    with keyed({"name": "format"}):
        exporters = [exporter_named(name) for name in dict.fromkeys(names)]
    for exporter in exporters:
        exporter.require()
    return exporters


def check_folder(source: str, folder: Path) -> None:
    """Raise a UserError where an export would overwrite the result of the run that is exported."""
    path = Path(source.strip()).expanduser()
    if path.is_dir() and path.resolve() == folder.resolve():
        raise UserError(f"output_dir={folder} is the folder of the run that is exported, whose result.json stays: give another")


def _read(config: DictConfig, command: Command = NO_COMMAND) -> Trained:
    try:
        return read_trained(config, command, config.arch)
    except UserError as error:
        if config.weights is not None or not _is_architecture(config.arch):
            raise
        raise UserError(f"{error}; to measure its speed alone, random_weights=true exports fresh weights") from error


def _is_architecture(source: str) -> bool:
    try:
        read_architecture(source, "arch")
    except UserError:
        return False
    return True


def _fresh(config: DictConfig, command: Command = NO_COMMAND) -> Trained:
    architecture = read_architecture(config.arch, "arch")
    setting = read_setting(config, command, config.arch)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = build_network(architecture, setting.num_classes, setting.use_se)
        _settle_norms(network, setting.resolution)
    return Trained(network, setting, f"fresh weights, drawn by seed={config.seed}")


@torch.no_grad()
def _settle_norms(network: StagedNetwork, resolution: int) -> None:
    """Let batch norms see noise once: with statistics of 0 and 1, signals fade and all images get the same logits."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    # Each of another colour: squeeze-and-excitation would find no difference in plain noise, and blow up what little there is.
    colours_bc11 = torch.randn(_SETTLING_BATCH, 3, 1, 1)
    network.train()(torch.randn(_SETTLING_BATCH, 3, resolution, resolution) + colours_bc11)


def _metadata(config: DictConfig, trained: Trained) -> dict[str, str]:
    """Return what the file says of the images that it was trained on, where that is recorded."""
    texts = {} if trained.crop_size is None else {"crop_size": str(trained.crop_size)}
    record = Path(config.arch.strip()).expanduser() / "result.json"
    try:
        found = json.loads(record.read_text(encoding="utf-8")) if not config.random_weights else {}
    except (OSError, ValueError):
        return texts
    return texts | {
        key: json.dumps(found[key]) for key in ("mean", "std", "classes") if isinstance(found, dict) and found.get(key)
    }


def _result(config: DictConfig, trained: Trained, exporters: list[Exporter], exported: list[Exported]) -> dict[str, Any]:
    architecture = trained.network.architecture
    resolution, num_classes, use_se = trained.setting
    packages = {name: text for exporter in exporters for name, text in exporter.versions().items()}
    return {
        "structure": str(architecture),
        "params": architecture.num_params(num_classes, use_se),
        "flops": architecture.flops(resolution, num_classes, use_se),
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
        "seed": config.seed,
        "versions": {**versions(), **packages},
        "git_commit": git_commit(),
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
    for exporter, one in zip(exporters, exported, strict=True):
        print(f"\nTo run {one.path.name}, on any number of images:\n\n{exporter.usage(one.path, resolution)}\n")


@dataclass
class ExportKeys:
    """The keys of ``task=export``."""

    arch: str | None = None
    weights: str | None = None
    format: Any = "onnx"
    fold: bool = True
    random_weights: bool = False
    resolution: int = 224
    num_classes: int = 1000
    use_se: bool | None = None


class Export(Task[ExportKeys]):
    """Writes a trained network as a file that runs without this project."""

    name = "export"
    Keys = ExportKeys
    groups = ("budget",)
    files = ("model.onnx", "model.pt2", "result.json")

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be exported."""
        checks.ask("arch", check_asked)
        exporters = checks.ask("format", lambda config: exporters_of(config.format))
        if exporters:
            checks.tell("formats", ", ".join(exporter.name for exporter in exporters))
        if isinstance(checks.config.arch, str):
            checks.ask("output_dir", lambda config: check_folder(config.arch, self.folder))
        if checks.config.random_weights:
            tell_architecture(checks)
        else:
            tell_trained(checks)

    def run(self) -> float:
        """Export it; the largest relative difference of logits is returned."""
        return run(self.config, self.folder, self.command)
