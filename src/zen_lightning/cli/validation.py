"""``task=validate`` added to a command: all that is wrong with it; Hydra is not started, and so makes no folder."""

from zen_lightning.cli.arguments import config_folders, options_and_overrides, prepare
from zen_lightning.errors import UserError
from zen_lightning.runs.overrides import Override

VALIDATE = "task=validate"
_ANSWERED = ("--help", "-h", "--hydra-help", "--cfg", "-c", "--info", "-i", "--shell-completion", "-sc")
_SWEEP = ("-m", "--multirun")


def asks_validation(arguments: list[str]) -> bool:
    """Whether a command line is to be validated, and not to print help or a configuration.

    Args:
        arguments: without the program's name.

    Example:
        >>> asks_validation(["task=train", "arch=net.txt", "task=validate"])
        True
    """
    return VALIDATE in arguments and not any(Override.parse(argument).key in _ANSWERED for argument in arguments)


def run_validation(arguments: list[str]) -> int:
    """Print what is wrong with the command that is left without ``task=validate``; return 1 if something is, else 0."""
    from zen_lightning.cli.examination import validate

    asked = [argument for argument in arguments if argument != VALIDATE]
    prepared, wrong = _prepared(asked)
    options, overrides = options_and_overrides(prepared)
    folders = config_folders(options)
    wrong += [UserError(f"--config-dir={folder}: there is no such folder") for folder in folders if not folder.is_dir()]
    return validate(overrides, any(option in _SWEEP for option in options), folders, wrong, asked)


def _prepared(asked: list[str]) -> tuple[list[str], list[UserError]]:
    """Return the arguments as Hydra needs them, without those that are refused before that, and what is said of these."""
    wrong: list[UserError] = []
    left = asked
    while True:
        try:
            return prepare(left), wrong
        except UserError as error:
            wrong.append(error)
            others = [argument for argument in left if Override.parse(argument).key not in ("resume", "trust", error.key)]
            if len(others) == len(left):
                return [argument for argument in left if argument.startswith("-")], wrong
            left = others
