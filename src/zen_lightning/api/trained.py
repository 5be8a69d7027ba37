"""Trained networks as a user names them: a name of the zoo, the folder of a training, or a file of weights."""

from pathlib import Path
from typing import NamedTuple

from zen_lightning import zoo
from zen_lightning.api.sources import FALLBACK, Setting, read_architecture, read_setting
from zen_lightning.arch import is_architecture
from zen_lightning.errors import UserError, nearest
from zen_lightning.nets import StagedNetwork, build_network, load_weights, read_weights
from zen_lightning.runs.names import WEIGHTS

_SAFETENSORS = ".safetensors"
_EXPECTED = "a name of the zoo, the folder of a training, or a file of weights"
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


class Said(NamedTuple):
    """What is said of a network, whatever is recorded with its weights; None where nothing is.

    Attributes:
        resolution: height and width of its images.
        num_classes: outputs of the classifier.
        use_se: whether it has squeeze-and-excitation.
    """

    resolution: int | None = None
    num_classes: int | None = None
    use_se: bool | None = None


NOTHING = Said()


def read_trained(
    source: str, weights: str | Path | None = None, said: Said = NOTHING, fallback: Setting = FALLBACK, key: str = "arch"
) -> Trained:
    """Return the trained network that ``source`` names.

    With ``weights`` the source is an architecture as for any verb, and the file holds its weights: one of this project
    (``.safetensors``, or the folder of a training), or a checkpoint of the original. Resolution, classes and
    squeeze-and-excitation are what is recorded with the weights; another resolution may be said, the rest must agree. A
    checkpoint of the original records nothing: there they are those of the architecture, or what is said.

    Args:
        source: without ``weights``, a name of the zoo (its published weights, downloaded where they are not yet), the folder
            of a training, or a ``.safetensors`` file.
        weights: file of the weights, or the folder of a training.
        said: the setting that is said for the network.
        fallback: resolution and classes where nothing is said and nothing is recorded.
        key: what names the source, for the error.

    Raises:
        UserError: there are no such weights, they are damaged, or they are not what is said.
    """
    text = source.strip()
    if weights is not None:
        path = Path(weights).expanduser()
        return _read_pair(text, path / WEIGHTS if path.is_dir() else path, said, fallback, key)
    if text in zoo.names():
        return _read_published(text, said)
    if is_architecture(text):
        remedy = "say by weights=FILE where they are, or train it: task=train"
        raise UserError("a structure has no weights", key=key, value=text, remedy=remedy)
    path = Path(text).expanduser()
    if path.is_dir():
        return _read_run(path, said, fallback, key)
    if path.suffix == _SAFETENSORS:
        return _read_file(path, str(path), said, fallback)
    if path.suffix in _CHECKPOINTS:
        remedy = f"write {key}=<structure or name of the zoo> weights={text}"
        raise UserError("a checkpoint does not say what network it is of", key=key, value=text, remedy=remedy)
    if path.is_file():
        remedy = f"say by weights=FILE where they are, or train it: task=train arch={text}"
        raise UserError("holds no weights", key=key, value=text, remedy=remedy)
    missing = f"there is no file {path}{nearest(text, zoo.names())}"
    raise UserError(key=key, value=text, expected=_EXPECTED, remedy=missing)


def with_fresh_classifier(network: StagedNetwork, num_classes: int, seed: int) -> None:
    """Give a trained network a classifier of other classes, with fresh weights."""
    from zen_lightning.nets.modules import Classifier
    from zen_lightning.training.initialise import initialise

    network.classifier = Classifier(network.architecture.out_channels, num_classes)
    initialise(network.classifier, seed)


def _read_pair(source: str, path: Path, said: Said, fallback: Setting, key: str) -> Trained:
    architecture = read_architecture(source, key)
    setting = read_setting(source, *said, fallback=fallback)
    known = zoo.entry(source) if source in zoo.names() else None
    if path.suffix == _SAFETENSORS:
        trained = _read_file(path, str(path), said, fallback)
        if trained.network.architecture != architecture:
            load_weights(build_network(architecture, initialise=False), path)  # Names the first difference.
    else:
        network = build_network(architecture, setting.num_classes, setting.use_se, initialise=False)
        from zen_lightning.nets import load_original_checkpoint

        try:
            load_original_checkpoint(network, path)
        except UserError as error:
            used = f"num_classes={setting.num_classes} use_se={str(setting.use_se).lower()}"
            what = f"{error} (the network was built with {used}: say what the checkpoint has)"
            raise UserError(what, key="weights") from error
        trained = Trained(network, setting, str(path))
    return trained._replace(crop_size=known.crop_size if known else None)


def _read_published(name: str, said: Said) -> Trained:
    known = zoo.entry(name)
    setting = _agreed(Setting(known.resolution, known.num_classes, known.use_se), said, name)
    return Trained(zoo.create(name, pretrained=True), setting, f"published weights of {name}", known.crop_size)


def _read_run(folder: Path, said: Said, fallback: Setting, key: str) -> Trained:
    if (folder / WEIGHTS).is_file():
        return _read_file(folder / WEIGHTS, f"training in {folder}", said, fallback)
    if (folder / "checkpoints").is_dir():
        raise UserError(f"{folder}: the training has no {WEIGHTS} yet", key=key, remedy="it appears after its first epoch")
    try:
        read_architecture(str(folder), key)
    except UserError:
        raise UserError(f"{folder}: no folder of a training: there is no {WEIGHTS} in it", key=key) from None
    raise UserError(f"{folder}: the network has no weights yet", key=key, remedy=f"train it first by task=train arch={folder}")


def _read_file(path: Path, origin: str, said: Said, fallback: Setting) -> Trained:
    network, metadata = read_weights(path)
    recorded = metadata.get("resolution", "")
    resolution = int(recorded) if recorded.isdecimal() else said.resolution or fallback.resolution
    setting = Setting(resolution, int(metadata["num_classes"]), metadata["use_se"] == "true")
    return Trained(network, _agreed(setting, said, str(path)), origin)


def _agreed(recorded: Setting, said: Said, source: str) -> Setting:
    """Return what is recorded, at the resolution that is said; classes and SE cannot be others."""
    for key in ("num_classes", "use_se"):
        wanted = getattr(said, key)
        if wanted is not None and wanted != getattr(recorded, key):
            theirs, ours = (str(value).lower() for value in (getattr(recorded, key), wanted))
            raise UserError(f"{source}: the weights have {key}={theirs}, not {ours}", key=key)
    if said.resolution is not None:
        recorded = recorded._replace(resolution=said.resolution)
    if recorded.resolution < 1:
        raise UserError(key="resolution", value=recorded.resolution, expected="1 or more")
    return recorded
