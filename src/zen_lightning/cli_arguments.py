"""What is done to the command line before Hydra reads it."""

import re
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.tasks.run_record import read_record

_STRUCTURE = re.compile(r"(arch|start)=([^'\"].*\(.*)", re.DOTALL)
_SWEEP = ("-m", "--multirun")


def prepare(arguments: list[str]) -> list[str]:
    """Return the arguments as Hydra wants them.

    A structure string is quoted (its parentheses would be read as a function), ``output_dir`` of a sweep becomes the folder
    of its jobs, and ``resume=DIR`` becomes the overrides of the run in DIR, followed by those given now, writing to DIR.

    Args:
        arguments: without the program's name.

    Raises:
        UserError: ``resume`` names a folder without a run, or stands beside what contradicts it.

    Example:
        >>> prepare(["arch=SuperConvK3BNRELU(3,8,1,1)", "seed=1"])
        ["arch='SuperConvK3BNRELU(3,8,1,1)'", 'seed=1']
    """
    arguments = [_quote(argument) for argument in arguments]
    if any(argument in _SWEEP for argument in arguments):
        arguments = [re.sub(r"^output_dir=", "hydra.sweep.dir=", argument) for argument in arguments]
    return _resume(arguments)


def _quote(argument: str) -> str:
    match = _STRUCTURE.fullmatch(argument)
    if match is None:
        return argument
    escaped = match.group(2).strip().replace("'", "\\'")
    return f"{match.group(1)}='{escaped}'"


def _resume(arguments: list[str]) -> list[str]:
    folders = [argument.partition("=")[2].strip("'\"") for argument in arguments if argument.startswith("resume=")]
    if not folders or folders[-1] in ("", "null"):
        return arguments
    folder = Path(folders[-1]).expanduser()
    if any(argument in _SWEEP for argument in arguments):
        raise UserError("resume= continues one run: it does not go with -m; resume each run of the sweep by its own folder")
    for key in ("output_dir", "task"):
        if any(argument.startswith(f"{key}=") for argument in arguments):
            raise UserError(f"resume={folder} continues the search in that folder: leave {key}= out")
    replayed = read_record(folder)
    given = [argument for argument in arguments if not argument.startswith("resume=")]
    path = str(folder.resolve()).replace("'", "\\'")
    return [*replayed, *given, f"resume='{path}'", f"output_dir='{path}'", "hydra.output_subdir=null"]
