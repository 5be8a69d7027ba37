"""From a command line with ``task=validate`` to its validation: Hydra is not started, and so makes no folder."""

from pathlib import Path

from zen_lightning.cli.arguments import options_and_overrides, prepare
from zen_lightning.errors import UserError

VALIDATE = "task=validate"
_ANSWERED = ("--help", "-h", "--hydra-help", "--cfg", "-c", "--info", "-i", "--shell-completion", "-sc")
_SWEEP = ("-m", "--multirun")
_FOLDER = ("--config-dir", "-cd")


def asks_validation(arguments: list[str]) -> bool:
    """Whether a command line is to be validated, and not to print help or a configuration.

    Args:
        arguments: without the program's name.

    Example:
        >>> asks_validation(["task=train", "arch=net.txt", "task=validate"])
        True
    """
    return VALIDATE in arguments and not any(argument.partition("=")[0] in _ANSWERED for argument in arguments)


def run_validation(arguments: list[str]) -> int:
    """Print what is wrong with the command that is left without ``task=validate``; return 1 if something is, else 0."""
    from zen_lightning.tasks.many.validate import validate

    asked = [argument for argument in arguments if argument != VALIDATE]
    wrong: list[str] = []
    try:
        prepared = prepare(asked)
    except UserError as error:
        wrong.append(str(error))
        prepared = prepare([argument for argument in asked if not argument.startswith("resume=")])
    options, overrides = options_and_overrides(prepared)
    wrong += [f"--config-dir={folder}: there is no such folder" for folder in _folders(options) if not folder.is_dir()]
    multirun = any(option in _SWEEP for option in options)
    return validate(overrides, multirun, _folders(options), wrong)


def _folders(options: list[str]) -> list[Path]:
    """Return the folders of ``--config-dir``."""
    found = []
    for option, following in zip(options, [*options[1:], ""], strict=False):
        name, equals, value = option.partition("=")
        if name in _FOLDER:
            found.append(Path(value if equals else following))
    return found
