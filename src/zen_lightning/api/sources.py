"""Architectures as a user names them: a structure, a name of the zoo, a file that holds one, or the folder of a run."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from zen_lightning import zoo
from zen_lightning.api.meant_source import meant_by
from zen_lightning.api.structure_files import read_structure_file
from zen_lightning.api.structure_text import bare_structure, inner_text, literal_text, usual_letters
from zen_lightning.api.structure_within import structures_within
from zen_lightning.api.tinynas import structure_of
from zen_lightning.arch import Architecture, BaseArchitecture, is_architecture, parse_architecture
from zen_lightning.arch.languages import is_named_module
from zen_lightning.errors import UserError, keyed
from zen_lightning.runs.names import ARCHITECTURE, BEST_STRUCTURE
from zen_lightning.runs.result import ResultError, read_result
from zen_lightning.system.named_path import existing_path, expanded

if TYPE_CHECKING:
    from zen_lightning.space import SearchSpace

_SOURCES = (
    "a structure such as SuperConvK3BNRELU(3,8,1,1)..., a file that holds one, the folder of a run, a name of the zoo, "
    "timm:NAME or torchvision:NAME"
)


class Setting(NamedTuple):
    """Resolution, classes and squeeze-and-excitation of an architecture.

    Attributes:
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        use_se: whether the network has squeeze-and-excitation.
    """

    resolution: int
    num_classes: int
    use_se: bool = False


FALLBACK = Setting(224, 1000)
"""Of a network that nothing is recorded with and nothing is said of: ImageNet's."""


def read_architecture(
    source: str | BaseArchitecture, key: str = "arch", space: "SearchSpace[Any] | None" = None
) -> BaseArchitecture:
    """Return the architecture that ``source`` names.

    Args:
        source: a structure string, a name of the zoo, ``timm:NAME`` or ``torchvision:NAME``, a text file that holds a structure
            (over as many lines as it likes, see
            :func:`~zen_lightning.api.structure_files.read_structure_file`), or the folder of a search or a training, with
            ``best_structure.txt`` or ``architecture.txt``. A file that is called like a network of the zoo is meant by
            ``./name``. An architecture is returned as it is.
        key: what names the source, for the error.
        space: whose language it is read in; by default its own tells.

    Raises:
        UserError: there is no such file, or it holds no structure.

    Example:
        >>> read_architecture("zennet_cifar10_model_size05M_res32").num_layers
        16
    """
    if not isinstance(source, str):
        return source
    with keyed({"": key}):
        return _read(source, key, space)


def _read(source: str, key: str, space: "SearchSpace[Any] | None") -> BaseArchitecture:
    text = source.strip()
    parse = space.parse if space is not None else _parse
    if is_named_module(text):
        if space is not None:
            raise UserError(f"a search changes blocks, and {text} is not written in them", key=key, expected="a structure")
        return parse(text)
    if is_structure(text) and literal_text(text) is None:
        return _surrounded(text, parse)
    written = literal_text(text) if existing_path(source) is None else None
    if written is not None:
        inner = inner_text(written)
        return parse(structure_of(written, f"the text of {key}", key) if inner is None else bare_structure(inner))
    if text in zoo.names():
        return parse(zoo.structure(text))
    path = expanded(text)
    if path.is_dir():
        trained = path / ARCHITECTURE
        path = trained if trained.is_file() else path / BEST_STRUCTURE
    if not path.is_file():
        raise UserError(
            key=key,
            value=source,
            expected=_SOURCES,
            remedy=meant_by(text, path),
        )
    return read_structure_file(path, parse, key)


def _surrounded(text: str, parse: Callable[[str], Any]) -> BaseArchitecture:
    """Return the architecture of a structure, also of the one within other text."""
    try:
        return parse(bare_structure(text))  # type: ignore[no-any-return]
    except UserError as error:
        found = structures_within(text)
        if len(found) != 1:
            raise
        try:
            return parse(found[0])  # type: ignore[no-any-return]
        except UserError:
            raise error from None


def _parse(text: str) -> BaseArchitecture:
    """Return the architecture of a text; a network of timm or torchvision is built late, as it needs torch."""
    if is_named_module(text):
        from zen_lightning.nets.named_architecture import NamedArchitecture

        return NamedArchitecture.parse(text)
    return parse_architecture(text)


def is_structure(source: str) -> bool:
    """Return whether a source is a structure itself. What names a file or a folder is that, whatever it is called.

    Example:
        >>> is_structure("SuperConvK3BNRELU(3,8,1,1)"), is_structure("net.txt")
        (True, False)
    """
    return (is_architecture(source.strip()) or is_architecture(usual_letters(source))) and existing_path(source) is None


def read_setting(
    source: str | BaseArchitecture,
    resolution: int | None = None,
    num_classes: int | None = None,
    use_se: bool | None = None,
    fallback: Setting = FALLBACK,
) -> Setting:
    """Return what an architecture is looked at with: as said, else as published for a name of the zoo or recorded in a run.

    Args:
        source: as for :func:`read_architecture`.
        resolution: height and width of the images; None: not said.
        num_classes: outputs of the classifier; None: not said.
        use_se: whether the network has squeeze-and-excitation; None: not said.
        fallback: where nothing is said and nothing is recorded.

    Raises:
        UserError: a resolution or classes below 1.
    """
    own = recorded_setting(source)
    found = Setting(
        resolution if resolution is not None else own.get("resolution", fallback.resolution),
        num_classes if num_classes is not None else own.get("num_classes", fallback.num_classes),
        bool(use_se if use_se is not None else own.get("use_se", fallback.use_se)),
    )
    for key in ("resolution", "num_classes"):
        if getattr(found, key) < 1:
            raise UserError(key=key, value=getattr(found, key), expected="1 or more")
    return found


def recorded_setting(source: str | BaseArchitecture) -> dict[str, Any]:
    """Return resolution, classes and SE as far as they are known of a source; nothing where nothing is."""
    if not isinstance(source, str):
        return _setting_of(source)
    text = source.strip()
    if text in zoo.names():
        return zoo.entry(text)._asdict()
    if not is_structure(text):
        with suppress(ResultError):
            return read_result(expanded(text))
    try:
        return _setting_of(read_architecture(text))
    except UserError:
        return {}


def _setting_of(architecture: BaseArchitecture) -> dict[str, Any]:
    """Return what a benchmark looks at its networks with; of a network that ends in a linear layer of its own, the classes."""
    if is_named_module(str(architecture)):
        return {"resolution": architecture.resolution, "num_classes": 1000}  # type: ignore[attr-defined]
    if type(architecture) is Architecture or not isinstance(architecture, Architecture):
        return {}
    from zen_lightning.arch import CodedArchitecture

    if isinstance(architecture, CodedArchitecture):
        return {"resolution": architecture.resolution, "num_classes": architecture.num_classes}
    return {} if architecture.own_classes is None else {"num_classes": architecture.own_classes}
