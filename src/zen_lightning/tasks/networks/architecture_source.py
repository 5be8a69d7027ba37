"""Architectures as a user names them: a structure, a name of the zoo, a file that holds one, or the folder of a run."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig, OmegaConf

from zen_lightning import zoo
from zen_lightning.arch import ArchitectureError, BaseArchitecture, CodedArchitecture, is_architecture, parse_architecture
from zen_lightning.errors import UserError, nearest
from zen_lightning.runs.command import Command
from zen_lightning.runs.names import ARCHITECTURE, BEST_STRUCTURE
from zen_lightning.space import SearchSpace


class Setting(NamedTuple):
    """What an architecture is looked at with.

    Attributes:
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        use_se: whether the network has squeeze-and-excitation.
    """

    resolution: int
    num_classes: int
    use_se: bool = False


def read_architecture(source: str, key: str, space: SearchSpace[Any] | None = None) -> BaseArchitecture:
    """Return the architecture that ``source`` names.

    Args:
        source: a structure string, a name of the zoo, a text file whose first line is a structure, or the folder of a search
            or a training, with ``best_structure.txt`` or ``architecture.txt``. A file that is called like a network of the zoo
            is meant by ``./name``.
        key: of the configuration, for the error.
        space: whose language it is read in; by default its own tells.

    Raises:
        UserError: there is no such file, or it holds no structure.
    """
    text = source.strip()
    parse = space.parse if space is not None else parse_architecture
    if is_structure(text):
        return parse(text)
    if text in zoo.names():
        return parse(zoo.structure(text))
    path = Path(text).expanduser()
    if path.is_dir():
        trained = path / ARCHITECTURE
        path = trained if trained.is_file() else path / BEST_STRUCTURE
    if not path.is_file():
        raise UserError(
            f"{key}={source}: expected a structure such as SuperConvK3BNRELU(3,8,1,1)..., a file that holds one, the folder "
            f"of a run, or a name of the zoo; there is no file {path}{nearest(text, zoo.names())}"
        )
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError:
        raise UserError(f"{key}={source}: {path} is not a text file") from None
    if not lines:
        raise UserError(f"{key}={source}: {path} is empty")
    return parse(lines[0])


def read_setting(config: DictConfig, command: Command, source: str) -> Setting:
    """Return what an architecture is looked at with: as published for a name of the zoo, as recorded for the folder of a run.

    What the command line says of ``resolution`` and ``num_classes``, itself or by a budget or an experiment, goes before;
    ``use_se`` too.

    Raises:
        UserError: a resolution or classes below 1.
    """
    said = command.keys
    recorded = _own_setting(source.strip())
    own = {} if said & {"budget", "experiment"} else recorded
    resolution, num_classes = (
        config[key] if key in said else own.get(key, config[key]) for key in ("resolution", "num_classes")
    )
    if min(resolution, num_classes) < 1:
        raise UserError(f"resolution={resolution} num_classes={num_classes}: expected 1 or more")
    use_se = recorded.get("use_se", False) if config.use_se is None else config.use_se
    return Setting(resolution, num_classes, bool(use_se))


def read_sources(config: DictConfig) -> list[str]:
    """Return what ``arch=`` names, one source or a list of them, for :func:`read_architecture`.

    Raises:
        UserError: it names none.
    """
    wanted = OmegaConf.to_container(config.arch) if OmegaConf.is_config(config.arch) else config.arch
    sources = [str(source) for source in (wanted if isinstance(wanted, list) else [wanted]) if source is not None]
    if not sources:
        raise UserError(
            f"task={config.task.name} needs arch=: a structure, a name of the zoo, a file, the folder of a run, or a list of "
            "them"
        )
    return sources


def is_structure(text: str) -> bool:
    """Whether a source is meant as a structure itself."""
    return is_architecture(text)


def _own_setting(text: str) -> dict[str, Any]:
    """Return what is recorded with an architecture; nothing where nothing is."""
    if is_structure(text):
        return _setting_of_code(text)
    if text in zoo.names():
        return zoo.entry(text)._asdict()
    record = Path(text).expanduser() / "result.json"
    try:
        found = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _setting_of_code(text: str) -> dict[str, Any]:
    """Return what a benchmark looks at its networks with, for the code of one."""
    try:
        architecture = parse_architecture(text)
    except ArchitectureError:
        return {}
    if not isinstance(architecture, CodedArchitecture):
        return {}
    return {"resolution": architecture.resolution, "num_classes": architecture.num_classes}
