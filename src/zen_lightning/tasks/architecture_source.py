"""Architectures as a user names them: a structure, a file that holds one, or the folder of a run."""

from pathlib import Path

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.space import SearchSpace

BEST_STRUCTURE = "best_structure.txt"


def read_architecture(source: str, key: str, space: SearchSpace | None = None) -> Architecture:
    """Return the architecture that ``source`` names.

    Args:
        source: a structure string, a text file whose first line is one, or a folder with ``best_structure.txt``.
        key: of the configuration, for the error.
        space: whose language it is read in; by default the super-blocks.

    Raises:
        UserError: there is no such file, or it holds no structure.
    """
    text = source.strip()
    parse = space.parse if space is not None else Architecture.parse
    if "(" in text or "|" in text:
        return parse(text)
    path = Path(text).expanduser()
    if path.is_dir():
        path = path / BEST_STRUCTURE
    if not path.is_file():
        raise UserError(
            f"{key}={source}: expected a structure such as SuperConvK3BNRELU(3,8,1,1)..., a file that holds one, or the folder "
            f"of a run; there is no file {path}"
        )
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError:
        raise UserError(f"{key}={source}: {path} is not a text file") from None
    if not lines:
        raise UserError(f"{key}={source}: {path} is empty")
    return parse(lines[0])
