"""Values as people type them: a path or a structure is taken as it stands, whatever characters Hydra has a use for."""

import glob
import os
import re
import sys
from collections.abc import Iterator
from glob import has_magic
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.runs.overrides import WORDS, Override, is_quoted, quoted, unquoted, word
from zen_lightning.system.named_path import existing_path, home_path
from zen_lightning.system.walked import walk_of

_NETWORKS = ("arch", "start", "teacher.arch")
_FOLDERS = ("output_dir", "dataset.root", "logger.mlflow.tracking_uri", "hydra.run.dir", "hydra.sweep.dir")
_RUNS = ("run", "sweep", "resume", "trust", "beside")
_PROFILES = ("latency.profile", "latency.without_gpu")
_MAYBE_FILES = {"recipe.class_weights": ("balanced",), "calibration": ()}
"""Keys that have values of other kinds beside paths, which are left as they are; and the words that are never paths."""

_FILES = (
    *("weights", "accuracies", "images", "output", "networks", "teacher.checkpoint"),
    *(*_MAYBE_FILES, *_PROFILES),
)
PATH_KEYS = (*_NETWORKS, *_FOLDERS, *_RUNS, *_FILES)
"""Keys whose values are taken as they are typed."""

_ROOTED = (
    *("dataset.root", "logger.mlflow.tracking_uri", "beside", "weights", "accuracies", "images", "networks"),
    *("teacher.checkpoint", "teacher.arch", *_MAYBE_FILES, *_PROFILES),
)
"""Keys whose paths become absolute: a run may be continued from another folder."""

_ALWAYS_PATHS = ("dataset.root", "images", "logger.mlflow.tracking_uri")
"""Those whose values are paths also where nothing of that name is there (yet); ``images`` may be a pattern."""

_SERVER = re.compile(r"[\w+.-]+:.*|databricks")
"""A server of MLflow or a database (``mysql+pymysql://``), and no folder."""

_BLOCK = re.compile(r"[A-Za-z]\w*\(|\|\w+~")
"""How a structure begins: with a super-block, or with an edge of a cell."""

_COMMAS_IN_PATH = 32
_MOST_LOOKS = 20_000
_MOST_VALUES = 4_096
"""Commas in the name of a path, paths that are looked for in one argument, and values of a list. Choices: more than anybody
types, and few enough that a text of any length is read in a second."""

_OF_HYDRA = re.compile(r"(range|choice|interval|shuffle|sort|tag|extend_list)\(.*\)", re.DOTALL)
_GLOB = re.compile(r"glob\((.*)\)", re.DOTALL)


def as_typed(argument: str, sweep: bool) -> str:
    r"""Return an argument so that Hydra reads the value that was typed.

    What names an existing path is that path, also with ``=``, commas, brackets or blanks in it; ``~`` is the home folder. In a
    sweep (and in brackets) several values are separated by commas: those within a structure, or within the name of an
    existing path, separate nothing. ``glob(runs/*)`` in a sweep is every path of that pattern.

    Args:
        argument: one argument of the command line.
        sweep: whether commas separate the values of several jobs.

    Raises:
        UserError: there is no value, nothing matches a pattern, or a path cannot be written as an override.

    Example:
        >>> print(as_typed("arch=SuperConvK3BNRELU(3,8,1,1),net.txt", sweep=True))
        arch='SuperConvK3BNRELU(3,8,1,1)',net.txt
        >>> print(as_typed("arch=runs/lr=0.1", sweep=False))
        arch='runs/lr=0.1'
    """
    one = Override.parse(argument)
    if one.sign or one.key not in PATH_KEYS or argument.startswith("-") or "=" not in argument:
        return argument
    if not unquoted(one.text.strip()).strip():
        # Read as a path it would be the working directory: all of it would be predicted, or another run begun.
        remedy = f"leave {one.key}= out for its default; a variable of the shell that was meant may not be set"
        raise UserError(key=one.key, value="", expected="a value", remedy=remedy)
    return f"{one.key}={','.join(_values(one.key, one.text.strip(), sweep))}"


def _values(key: str, text: str, sweep: bool) -> Iterator[str]:
    if _exists(text) or key == "output_dir":
        yield _one(key, text)
    elif text.startswith("[") and text.endswith("]"):
        inner = text[1:-1].strip()
        parts = _separated(inner) if inner else []
        if len(parts) > _MOST_VALUES:
            raise UserError(
                f"{len(parts):,} values", key=key, expected=f"{_MOST_VALUES:,} at most", remedy="give fewer at once"
            )
        yield f"[{','.join(_one(key, part) for part in parts)}]"
    elif sweep and _OF_HYDRA.fullmatch(text):
        yield text
    elif sweep and len(parts := list(_separated(text))) > 1:
        for part in parts:
            yield from _matching(key, part) or [_one(key, part)]
    elif key == "images" and not sweep and len(parts := list(_separated(text))) > 1 and all(map(_exists, parts)):
        yield f"[{','.join(_one(key, part) for part in parts)}]"
    else:
        yield from (_matching(key, text) if sweep else None) or [_one(key, text)]


def _matching(key: str, text: str) -> list[str] | None:
    """Return the paths that ``glob(PATTERN)`` stands for; None where the text is no such pattern."""
    match = _GLOB.fullmatch(text)
    if match is None:
        return None
    pattern = unquoted(match.group(1))
    found = sorted(_fitting(str(home_path(pattern))))
    if not found:
        raise UserError("nothing matches the pattern", key=key, value=text, remedy="look with: ls " + pattern)
    return [_one(key, path) for path in found]


def _fitting(pattern: str) -> list[str]:
    """Return the paths of a pattern; where ``**`` would find them again and again by links, each link is followed once."""
    if "**" not in Path(pattern).parts:
        return glob.glob(pattern)
    walk, place, parts = walk_of(pattern)
    found = [str(Path(one)) for one in walk.fitting(place, parts) if os.path.lexists(one)]
    if walk.left_out:
        links = f"{len(walk.left_out):,} links to folders that are found without them, or that they lie in, are not followed"
        print(f"glob({pattern}): {links} ({Path(walk.left_out[0])})", file=sys.stderr)
    return found


def _separated(text: str) -> list[str]:
    """Return the values between commas; one that names an existing path, or is within brackets or quotes, may hold commas."""
    pieces, values, start, closes, looks = text.split(","), [], 0, True, _MOST_LOOKS
    while start < len(pieces):
        ends = range(min(len(pieces), start + _COMMAS_IN_PATH), start, -1) if looks > 0 else ()
        looks -= len(ends)
        end = next((end for end in ends if end - start < len(text) and _exists(",".join(pieces[start:end]).strip())), None)
        if end is None:
            end = _end_of_whole(pieces, start) if closes else start + 1
            closes = closes and end is not None  # Where a bracket is never closed, none after it is looked for.
        end = end or start + 1
        values.append(",".join(pieces[start:end]).strip())
        start = end
    return values


def _end_of_whole(pieces: list[str], start: int) -> int | None:
    """Return where a value ends that begins with a piece: its quote ends, or its brackets are closed; None for nowhere."""
    quote = pieces[start].strip()[:1]
    depth = 0
    for end, piece in enumerate(pieces[start:], start=start + 1):
        if quote in ("'", '"'):
            if piece.rstrip().endswith(quote) and is_quoted(",".join(pieces[start:end]).strip()):
                return end
            continue
        depth += piece.count("(") - piece.count(")")
        if depth == 0:
            return end
    return None


def _one(key: str, text: str) -> str:
    """Return one value, in quotes where Hydra would read it as anything but this text."""
    bare = text if _is_path(text) else unquoted(text)
    path, exists = home_path(bare), _is_path(bare)
    if key in _MAYBE_FILES and (not exists or bare in _MAYBE_FILES[key]):
        return text
    if "${" in bare:
        if not exists:
            return text  # A reference to another key.
        raise UserError("a path with ${ in it cannot be named on the command line", key=key, value=bare, remedy="rename it")
    if bare.lower() in WORDS and not exists:
        return text
    structure = key in _NETWORKS and not exists and (_BLOCK.match(bare) or bare.isdigit())
    if key in _ROOTED and bare.strip() and not structure and _names_path(key, bare, exists):
        return quoted(str(path.absolute()) if exists or not has_magic(bare) else _rooted_pattern(path))
    if bare.startswith("~") and not structure:
        bare = str(path)
    return quoted(bare) if text.startswith(("'", '"')) else word(bare)


def _names_path(key: str, bare: str, exists: bool) -> bool:
    """Whether a value of a key whose paths become absolute is a path."""
    if key == "logger.mlflow.tracking_uri":
        return exists or not _SERVER.fullmatch(bare)
    if key in _PROFILES:  # Else the name of a profile, also where a folder here is called so.
        return exists and (bare.endswith(".json") or os.sep in bare)
    return exists or key in _ALWAYS_PATHS


def _rooted_pattern(path: Path) -> str:
    """Return a pattern of paths as seen from any folder; signs in the name of this folder mean themselves."""
    return str(path) if path.is_absolute() else str(Path(glob.escape(str(Path.cwd())), path))


def _exists(text: str) -> bool:
    return _is_path(text) or _is_path(unquoted(text))


def _is_path(text: str) -> bool:
    return existing_path(text) is not None
