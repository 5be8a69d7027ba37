"""Trained networks as a user names them: a name of the zoo, the folder of a training, or a file of weights."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from zen_lightning import zoo
from zen_lightning.api.published import published_preprocessing
from zen_lightning.api.sources import FALLBACK, Setting, is_structure, read_architecture, read_setting
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.errors import UserError, nearest
from zen_lightning.nets import StagedNetwork, build_network, load_weights, read_weights
from zen_lightning.nets.weights import checkpoint_metadata, names_network, refuse_another
from zen_lightning.nets.weights_file import is_safetensors
from zen_lightning.runs.hydra_record import HydraRecord
from zen_lightning.runs.names import WEIGHTS
from zen_lightning.runs.result import ResultError, read_result
from zen_lightning.system.named_path import expanded

_SAFETENSORS = ".safetensors"
_EXPECTED = "a name of the zoo, the folder of a training, or a file of weights"
_CHECKPOINTS = (".pth", ".pt", ".ckpt", ".tar", ".bin")
_CHECKPOINT_FOLDER = "checkpoints"
"""Folder of a run that its checkpoints are in."""


class Trained(NamedTuple):
    """A network with trained weights.

    Attributes:
        network: the network, in eval mode.
        setting: resolution of its images, its classes, whether it has squeeze-and-excitation.
        origin: where the weights are from, as a user reads it.
        crop_size: what images are cropped to before they are scaled to the resolution; None where nothing is published.
        preprocessing: how images are brought to it, and the names of its classes; None where nothing records them.
    """

    network: StagedNetwork
    setting: Setting
    origin: str
    crop_size: int | None = None
    preprocessing: Preprocessing | None = None


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
    (``.safetensors``, a checkpoint, or the folder of a training), any state dict of such a network, or a checkpoint of the
    original. Resolution, classes and squeeze-and-excitation are what is recorded with the weights; another resolution may be
    said, the rest must agree. A bare state dict and a checkpoint of the original record nothing: there they are those of the
    architecture, or what is said.

    Args:
        source: without ``weights``, a name of the zoo (its published weights, downloaded where they are not yet), the folder
            of a training, or a file of its weights: ``.safetensors``, or one of its checkpoints.
        weights: file of the weights, or the folder of a training.
        said: the setting that is said for the network.
        fallback: resolution and classes where nothing is said and nothing is recorded.
        key: what names the source, for the error.

    Raises:
        UserError: there are no such weights, they are damaged, or they are not what is said.
    """
    text = source.strip()
    if weights is not None:
        path = expanded(str(weights))  # A reference to another key, such as ``${seed}``, may be a number.
        return _read_pair(text, path / WEIGHTS if path.is_dir() else path, said, fallback, key)
    if text in zoo.names():
        return _read_published(text, said)
    if is_structure(text):
        remedy = "say by weights=FILE where they are, or train it: task=train"
        raise UserError("a structure has no weights", key=key, value=text, remedy=remedy)
    path = expanded(text)
    if path.is_dir():
        return _read_run(path, said, fallback, key)
    if path.suffix == _SAFETENSORS:
        return _read_file(path, str(path), said, fallback)
    if path.suffix in _CHECKPOINTS and path.is_file():
        return _read_checkpoint(path, text, said, fallback, key)
    if path.is_file():
        remedy = f"say by weights=FILE where they are, or train it: task=train arch={text}"
        raise UserError("holds no weights", key=key, value=text, remedy=remedy)
    missing = f"there is no file {path}{nearest(text, zoo.names())}"
    raise UserError(key=key, value=text, expected=_EXPECTED, remedy=missing)


def with_fresh_classifier(network: StagedNetwork, num_classes: int, seed: int) -> None:
    """Give a trained network a classifier of other classes, with fresh weights."""
    from zen_lightning.nets.head import build_classifier
    from zen_lightning.training.initialise import initialise

    network.classifier = build_classifier(network.architecture, num_classes)
    initialise(network.classifier, seed)


def _read_checkpoint(path: Path, text: str, said: Said, fallback: Setting, key: str) -> Trained:
    """Read a checkpoint of a training: it says what network it is of; those of older versions lie in the folder that does."""
    if checkpoint_metadata(path):
        return _read_file(path, str(path), said, fallback)
    run = path.parent.parent
    if path.parent.name == _CHECKPOINT_FOLDER and (run / WEIGHTS).is_file():
        trained = _read_file(run / WEIGHTS, str(path), said, fallback)
        load_weights(trained.network, path)
        return trained
    remedy = f"write {key}=<structure or name of the zoo> weights={text}"
    raise UserError("a checkpoint does not say what network it is of", key=key, value=text, remedy=remedy)


def _read_pair(source: str, path: Path, said: Said, fallback: Setting, key: str) -> Trained:
    architecture = read_architecture(source, key)
    setting = read_setting(source, *said, fallback=fallback)
    known = zoo.entry(source) if source in zoo.names() else None
    if _says_network(path):
        trained = _read_file(path, str(path), said, fallback)
        if trained.network.architecture != architecture:
            refuse_another(path, str(trained.network.architecture), architecture)
    else:
        network = build_network(architecture, setting.num_classes, setting.use_se, initialise=False)
        try:
            load_weights(network, path)
        except UserError as error:
            used = f"num_classes={setting.num_classes} use_se={str(setting.use_se).lower()}"
            what = f"{error} (the network was built with {used}: say what the checkpoint has)"
            raise UserError(what, key="weights") from error
        trained = Trained(network.eval(), setting, str(path))
    if known is None or trained.preprocessing is not None:
        return trained
    if trained.setting.num_classes != known.num_classes:
        return trained._replace(crop_size=known.crop_size)
    seen = published_preprocessing(source).at(trained.setting.resolution)
    return trained._replace(crop_size=known.crop_size, preprocessing=seen)


def _read_published(name: str, said: Said) -> Trained:
    known = zoo.entry(name)
    setting = _agreed(Setting(known.resolution, known.num_classes, known.use_se), said, name)
    seen = published_preprocessing(name).at(setting.resolution)
    return Trained(zoo.create(name, pretrained=True), setting, f"published weights of {name}", known.crop_size, seen)


def _read_run(folder: Path, said: Said, fallback: Setting, key: str) -> Trained:
    if (folder / WEIGHTS).is_file():
        return _read_file(folder / WEIGHTS, f"the training in {folder}", said, fallback)
    if (folder / _CHECKPOINT_FOLDER).is_dir():
        raise UserError(f"{folder}: the training has no {WEIGHTS} yet", key=key, remedy="it appears after its first epoch")
    try:
        read_architecture(str(folder), key)
    except UserError:
        remedy = _for_exported(folder, key)
        raise UserError(f"{folder}: no folder of a training: there is no {WEIGHTS} in it", key=key, remedy=remedy) from None
    raise UserError(
        f"{folder}: the network has no weights yet",
        key=key,
        remedy=f"train it first by task=train {shlex.quote(f'arch={folder}')}",
    )


def _for_exported(folder: Path, key: str) -> str:
    """Return which file of a folder of exported ones to name; nothing where there is none."""
    from zen_lightning.nets.export import EXPORTERS

    names = [path.name for exporter in EXPORTERS for path in sorted(folder.glob(f"*{exporter.suffix}"))]
    if not names:
        return ""
    return f"an evaluation and a prediction take a file of it: {shlex.quote(f'{key}={folder / names[0]}')}"


def _read_file(path: Path, origin: str, said: Said, fallback: Setting) -> Trained:
    network, metadata = read_weights(path)
    recorded = metadata.get("resolution", "")
    resolution = int(recorded) if recorded.isdecimal() else said.resolution or fallback.resolution
    setting = Setting(resolution, int(metadata["num_classes"]), metadata["use_se"] == "true")
    setting = _agreed(setting, said, str(path))
    seen = _seen(path, metadata, setting)
    crop = None if seen is None else seen.crop_size
    return Trained(network, setting, origin, crop, seen)


def _seen(path: Path, metadata: Mapping[str, str], setting: Setting) -> Preprocessing | None:
    """Return how images are brought to a network: as its file says, else as the result of its run does."""
    seen = Preprocessing.read(metadata)
    if seen is None:
        folder = path.parent.parent if path.parent.name == _CHECKPOINT_FOLDER else path.parent
        seen = _of_older_run(folder, setting)
    if seen is None or len(seen.classes) != setting.num_classes:
        return None
    return seen.at(setting.resolution)


def _of_older_run(folder: Path, setting: Setting) -> Preprocessing | None:
    """Return what the result of a training says, whose weights were written before they said it themselves."""
    try:
        result = read_result(folder)
    except ResultError:
        return None
    ratio = HydraRecord(folder).select("dataset.crop_ratio")
    numbers = [str(number) for number in range(setting.num_classes)]  # Results name a thousand classes at most.
    known = {"classes": numbers, **{key: result[key] for key in ("mean", "std", "classes") if result.get(key)}}
    texts = {key: json.dumps(value) for key, value in known.items()}
    return Preprocessing.read({**texts, "resolution": str(setting.resolution), "crop_ratio": json.dumps(ratio)})


def _says_network(path: Path) -> bool:
    """Whether a file says what network it is of."""
    if is_safetensors(path):
        return names_network(path)
    return path.is_file() and bool(checkpoint_metadata(path))


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
