"""What a name that names no architecture may have been meant as."""

import re
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

from zen_lightning import zoo
from zen_lightning.errors import MissingExtraError, nearest
from zen_lightning.runs.names import ARCHITECTURE, BEST_STRUCTURE
from zen_lightning.system.named_path import expanded
from zen_lightning.system.ordinary_file import other_than_file

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/{1,2}(?!/)\S")
_MOST_FILES = 10_000
"""Files of a folder that are looked at. A choice: more names than anyone could mean one of."""

_WORD = re.compile(r"[A-Za-z][\w.-]*")


def meant_by(text: str, path: Path) -> str:
    """Return why nothing was found by a name, and what is there that it may mean.

    Args:
        text: what was given.
        path: where a file or a folder of that name was looked for.
    """
    if _URL.match(text):
        return "nothing is downloaded: fetch the file yourself, and give its path"
    if other := other_than_file(path):
        return f"{path} is {other}, and must be a file: write what is to be read to one, and give its path"
    folder = expanded(text)
    if folder.is_dir():
        if several := list((folder / "structures").glob("*.txt")):  # Sorted by name, the last is that of the highest limit.
            return f"a front holds several networks: name one of those in {folder / 'structures'}, such as {max(several)}"
        within = _run_within(folder)
        return f"there is no {path.name} in the folder {folder}" + (f"; did you mean {str(within)!r}?" if within else "")
    missing = f"there is no file {path}"
    if near := nearest(text, zoo.names()):
        return f"{missing}{near}"
    if beside := _file_beside(path):
        return f"{missing}; did you mean {str(beside)!r}?"
    named = list(_named_networks(text))
    return f"{missing}; did you mean {' or '.join(named)}?" if named else missing


def _run_within(folder: Path) -> Path | None:
    """Return the newest run within a folder, one or two levels down; None where there is none."""
    with suppress(OSError):
        files = [
            path for name in (BEST_STRUCTURE, ARCHITECTURE) for deep in ("*", "*/*") for path in folder.glob(f"{deep}/{name}")
        ]
        return max(files, key=lambda path: path.stat().st_mtime).parent if files else None
    return None


def _file_beside(path: Path) -> Path | None:
    """Return the file in the same folder that is called almost so; None where there is none."""
    names: list[str] = []
    with suppress(OSError):
        for entry, _ in zip(path.parent.iterdir(), range(_MOST_FILES), strict=False):
            if entry.name != path.name:  # It may be there, and yet be no file.
                names.append(entry.name)
    lower = {name.lower(): name for name in sorted(names, reverse=True)}
    stems = {Path(name).stem.lower(): name for name in sorted(names, reverse=True)}
    wanted = path.name.lower()
    if wanted in lower or wanted in stems:
        return path.parent / (lower.get(wanted) or stems[wanted])
    near = get_close_matches(wanted, lower, n=1, cutoff=0.75)
    return path.parent / lower[near[0]] if near else None


def _named_networks(text: str) -> Iterator[str]:
    """Yield the networks of torchvision and timm that are called so, or almost: ``resnet18``, ``timm/resnet18``."""
    name = text.removesuffix(".pth").rpartition("/")[2].lower().replace("-", "_")
    if _WORD.fullmatch(name) is None:
        return
    from zen_lightning.nets.named_modules import known_names  # Here, since it imports torch.

    for library in ("torchvision", "timm"):
        with suppress(MissingExtraError):
            known = known_names(f"{library}:")
            plain = {one.replace("_", ""): one for one in reversed(known)}
            bare = name.partition(".")[0].replace("_", "")
            near = [bare] if bare in plain else get_close_matches(bare, plain, n=1, cutoff=0.85)
            begins = sorted((one for one in plain if one.startswith(bare)), key=len)[:1] if len(bare) > 4 else []
            yield from (f"{library}:{plain[one]}" for one in (near or begins))
