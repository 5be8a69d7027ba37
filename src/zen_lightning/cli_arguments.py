"""What is done to the command line before Hydra reads it."""

import re
from pathlib import Path

from omegaconf import OmegaConf

from zen_lightning.errors import UserError

_STRUCTURE = re.compile(r"(\+{0,2}[\w.]+)=(\s*[A-Za-z_]\w*\(.*\)\s*)", re.DOTALL)
_NOT_REPLAYED = ("resume", "output_dir")


def prepare(arguments: list[str]) -> list[str]:
    """Return the arguments as Hydra wants them.

    A structure string is quoted (its parentheses would be read as a function), and ``resume=DIR`` becomes the overrides of
    the run in DIR, followed by those given now, writing to DIR.

    Args:
        arguments: without the program's name.

    Raises:
        UserError: ``resume`` names a folder without a run, or stands beside ``output_dir`` or ``-m``.

    Example:
        >>> prepare(["arch=SuperConvK3BNRELU(3,8,1,1)", "seed=1"])
        ["arch='SuperConvK3BNRELU(3,8,1,1)'", 'seed=1']
    """
    return _resume([_quote(argument) for argument in arguments])


def _quote(argument: str) -> str:
    match = _STRUCTURE.fullmatch(argument)
    return f"{match.group(1)}='{match.group(2).strip()}'" if match else argument


def _resume(arguments: list[str]) -> list[str]:
    folders = [argument.partition("=")[2].strip("'\"") for argument in arguments if argument.startswith("resume=")]
    if not folders or folders[-1] in ("", "null"):
        return arguments
    folder = Path(folders[-1]).expanduser()
    if any(argument in ("-m", "--multirun") for argument in arguments):
        raise UserError("resume= continues one run: it does not go with -m; resume each run of the sweep by its own folder")
    if any(argument.startswith("output_dir=") for argument in arguments):
        raise UserError(f"resume={folder} writes to that folder: leave output_dir= out")
    record = folder / ".hydra" / "overrides.yaml"
    if not record.is_file():
        what = "has no record of a run (.hydra/overrides.yaml)" if folder.is_dir() else "does not exist"
        raise UserError(f"resume={folder}: the folder {what}; give the output folder of the run to continue")
    overrides = [str(override) for override in OmegaConf.load(record)]
    replayed = [override for override in overrides if override.lstrip("+~").partition("=")[0] not in _NOT_REPLAYED]
    given = [argument for argument in arguments if not argument.startswith("resume=")]
    path = str(folder.resolve()).replace("'", "\\'")
    return [*replayed, *given, f"resume='{path}'", f"output_dir='{path}'"]
