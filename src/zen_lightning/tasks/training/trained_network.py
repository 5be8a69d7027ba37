"""Trained networks as a user names them: a name of the zoo, the folder of a training, or a file of weights."""

from pathlib import Path
from typing import NamedTuple, NoReturn

from omegaconf import DictConfig

from zen_lightning import zoo
from zen_lightning.errors import UserError, nearest
from zen_lightning.nets import StagedNetwork, build_network, load_original_checkpoint, load_weights, read_weights
from zen_lightning.runs.command import Command
from zen_lightning.runs.names import WEIGHTS
from zen_lightning.tasks.networks.architecture_source import Setting, is_structure, read_architecture, read_setting

_SAFETENSORS = ".safetensors"
_CHECKPOINTS = (".pth", ".pt", ".ckpt", ".tar", ".bin")


class Trained(NamedTuple):
    """A network with trained weights.

    Attributes:
        network: as built, in training mode.
        setting: resolution of its images, its classes, whether it has squeeze-and-excitation.
        origin: where the weights are from, as a user reads it.
        crop_size: what images are cropped to before they are scaled to the resolution; None where nothing is published.
    """

    network: StagedNetwork
    setting: Setting
    origin: str
    crop_size: int | None = None


def read_trained(config: DictConfig, command: Command, source: str) -> Trained:
    """Return the trained network that ``source`` names.

    With ``weights=FILE`` the source is an architecture as for any task, and the file holds its weights: one of this project
    (``.safetensors``, or the folder of a training), or a checkpoint of the original. Resolution, classes and
    squeeze-and-excitation are what is recorded with the weights; the command line may say another resolution, the rest must
    agree. A checkpoint of the original records nothing: there they are those of the architecture, or of the command line.

    Args:
        config: ``weights``, and what :func:`~zen_lightning.tasks.networks.architecture_source.read_setting` reads.
        command: what the command line said.
        source: without ``weights=``, a name of the zoo (its published weights, downloaded where they are not yet), the folder
            of a training, or a ``.safetensors`` file.

    Raises:
        UserError: there are no such weights, they are damaged, or they are not what the command line says.
    """
    text = source.strip()
    if config.weights is not None:
        path = Path(config.weights).expanduser()
        return _read_pair(config, command, text, path / WEIGHTS if path.is_dir() else path)
    if text in zoo.names():
        return _read_published(config, command, text)
    if is_structure(text):
        raise UserError(f"arch={text}: a structure has no weights: say by weights=FILE where they are, or train it: task=train")
    path = Path(text).expanduser()
    if path.is_dir():
        return _read_run(config, command, path)
    if path.suffix == _SAFETENSORS:
        return _read_file(config, command, path, str(path))
    if path.suffix in _CHECKPOINTS:
        raise UserError(
            f"arch={text}: a checkpoint does not say what network it is of: write arch=<structure or name of the zoo> "
            f"weights={text}"
        )
    if path.is_file():
        raise UserError(
            f"arch={text}: holds no weights: say by weights=FILE where they are, or train it: task=train arch={text}"
        )
    raise UserError(
        f"arch={text}: expected a name of the zoo, the folder of a training, or a file of weights; there is no file {path}"
        f"{nearest(text, zoo.names())}"
    )


def _read_pair(config: DictConfig, command: Command, source: str, path: Path) -> Trained:
    architecture = read_architecture(source, "arch")
    setting = read_setting(config, command, source)
    known = zoo.entry(source) if source in zoo.names() else None
    if path.suffix == _SAFETENSORS:
        trained = _read_file(config, command, path, str(path))
        if trained.network.architecture != architecture:
            load_weights(build_network(architecture, initialise=False), path)  # Names the first difference.
    else:
        network = build_network(architecture, setting.num_classes, setting.use_se, initialise=False)
        try:
            load_original_checkpoint(network, path)
        except UserError as error:
            used = f"num_classes={setting.num_classes} use_se={str(setting.use_se).lower()}"
            raise UserError(f"{error} (the network was built with {used}: say what the checkpoint has)") from error
        trained = Trained(network, setting, str(path))
    return trained._replace(crop_size=known.crop_size if known else None)


def _read_published(config: DictConfig, command: Command, name: str) -> Trained:
    known = zoo.entry(name)
    setting = _agreed(config, command, Setting(known.resolution, known.num_classes, known.use_se), name)
    return Trained(zoo.create(name, pretrained=True), setting, f"published weights of {name}", known.crop_size)


def _read_run(config: DictConfig, command: Command, folder: Path) -> Trained:
    if (folder / WEIGHTS).is_file():
        return _read_file(config, command, folder / WEIGHTS, f"training in {folder}")
    if (folder / "checkpoints").is_dir():
        _refuse(folder, f"the training has no {WEIGHTS} yet: it appears after its first epoch")
    try:
        read_architecture(str(folder), "arch")
    except UserError:
        _refuse(folder, f"no folder of a training: there is no {WEIGHTS} in it")
    _refuse(folder, f"the network has no weights yet: train it first by task=train arch={folder}")


def _read_file(config: DictConfig, command: Command, path: Path, origin: str) -> Trained:
    network, metadata = read_weights(path)
    recorded = metadata.get("resolution", "")
    resolution = int(recorded) if recorded.isdecimal() else config.resolution
    setting = Setting(resolution, int(metadata["num_classes"]), metadata["use_se"] == "true")
    return Trained(network, _agreed(config, command, setting, str(path)), origin)


def _agreed(config: DictConfig, command: Command, recorded: Setting, source: str) -> Setting:
    """Return what is recorded, at the resolution that the command line says; classes and SE cannot be others."""
    said = command.keys
    for key in ("num_classes", "use_se"):
        if key in said and config[key] is not None and config[key] != getattr(recorded, key):
            theirs, ours = (str(value).lower() for value in (getattr(recorded, key), config[key]))
            _refuse(source, f"the weights have {key}={theirs}, not {ours}")
    if "resolution" in said:
        recorded = recorded._replace(resolution=config.resolution)
    if recorded.resolution < 1:
        raise UserError(f"resolution={recorded.resolution}: expected 1 or more")
    return recorded


def _refuse(source: Path | str, what: str) -> NoReturn:
    raise UserError(f"{source}: {what}")
