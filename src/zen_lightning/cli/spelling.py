"""Overrides in the spelling of other programs: with hyphens in front, with blanks around the sign, several in one argument."""

import re
from collections.abc import Sequence
from functools import cache

from zen_lightning.cli.typed import PATH_KEYS
from zen_lightning.config.keys import spellings
from zen_lightning.errors import UserError
from zen_lightning.system.conf_dir import conf_dir
from zen_lightning.system.yaml_files import read_yaml

_TRAINING = frozenset(["task=train", "task=distill"])

_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
"""Hyphens, and the dashes that programs which format text make of two of them."""

_LONG = (
    *("help", "hydra-help", "version", "cfg", "resolve", "package", "run", "multirun", "shell-completion"),
    *("config-path", "config-name", "config-dir", "experimental-rerun", "info"),
)
_SHORT = re.compile(r"-(h|c|p|r|m|cp|cn|cd|sc|i)(=.*)?|-c(job|hydra|all)|-p\w+", re.DOTALL)
"""Hydra's options. All else with hyphens in front is an override in the spelling of other programs."""

WITH_VALUE = ("--cfg", "-c", "--config-dir", "-cd", "--config-path", "-cp", "--config-name", "-cn", "--package", "-p")
"""Hydra's options whose value is the argument that follows."""

_KEY = re.compile(r"(no-)?([A-Za-z][\w./-]*)(?:\s*=\s*(.*))?", re.DOTALL)
_SEVERAL = re.compile(rf"[{_DASHES}]*[A-Za-z][\w./-]*=\S+(\s+[{_DASHES}]*[A-Za-z][\w./-]*=\S+)+")


def refuse_other_spellings(arguments: Sequence[str]) -> None:
    """Raise a UserError for an override that is written as programs with options have it, with what to write.

    Args:
        arguments: without the program's name.

    Raises:
        UserError: one has hyphens in front that is no option of Hydra, one has blanks around ``=``, or holds several.

    Example:
        >>> refuse_other_spellings(["recipe.lr", "=", "0.1"])
        Traceback (most recent call last):
        zen_lightning.errors.UserError: recipe.lr=0.1: key, = and value belong together, without blanks: write recipe.lr=0.1
    """
    for before, argument, following in zip(["", *arguments], arguments, [*arguments[1:], ""], strict=False):
        if before in WITH_VALUE:
            continue
        if argument[:1] and argument[0] in _DASHES and not _is_option(argument):
            _refuse_hyphens(argument, following, not _TRAINING.isdisjoint(one.lstrip(_DASHES) for one in arguments))
        elif _SEVERAL.fullmatch(argument) and argument.partition("=")[0] not in PATH_KEYS and not set("'\"[{(") & set(argument):
            remedy = f"write each as an argument of its own, without quotes around all: {' '.join(argument.split())}"
            raise UserError(f"{argument}: several overrides in one argument", remedy=remedy)
        _refuse_blanks(before, argument, following)


def _is_option(argument: str) -> bool:
    if not argument.startswith("--"):
        return _SHORT.fullmatch(argument) is not None
    name, equals, _ = argument[2:].partition("=")
    return name in _LONG or (not equals and "." not in name and any(one.startswith(name) for one in _LONG))


def _refuse_hyphens(argument: str, following: str, trains: bool) -> None:
    parts = [part.lstrip(_DASHES) for part in argument.split()] if _SEVERAL.fullmatch(argument) else [argument.lstrip(_DASHES)]
    if len(parts) == 1 and "=" not in parts[0] and following and "=" not in following and following[0] not in _DASHES:
        parts = [f"{parts[0]}={following}"]
    written = [_written(part, trains) for part in parts]
    if all(written):
        remedy = (
            f"write {' '.join(written)} (in a sweep of W&B, put ${{args_no_hyphens}} in place of ${{args}} into its command)"
        )
        raise UserError(f"{argument}: keys have no hyphens in front", remedy=remedy)


def _written(text: str, trains: bool) -> str:
    """Return what has no hyphens in front as an override, in a training by the whole key; nothing where it is none."""
    match = _KEY.fullmatch(text)
    if match is None:
        return ""
    key = match[2].replace("-", "_").replace("/", ".")
    if trains and "." not in key:
        key = next(iter(spellings(key)), f"recipe.{key}" if key in _recipe_keys() else key)
    return f"{key}={match[3] if match[3] is not None else 'false' if match[1] else 'VALUE'}"


@cache
def _recipe_keys() -> frozenset[str]:
    content = read_yaml(conf_dir() / "recipe" / "cifar.yaml")
    return frozenset(content) if isinstance(content, dict) else frozenset()


def _refuse_blanks(before: str, argument: str, following: str) -> None:
    """Raise a UserError for ``key = value`` and its kind, in three arguments, two, or one in quotes."""
    words = ""
    if argument == "=" and before and following:
        words = f"{before}={following}"
    elif (
        re.fullmatch(r"[A-Za-z][\w./]*=", argument) and following and "=" not in following and following[0] not in f"~{_DASHES}"
    ):
        words = f"{argument}{following}"
    elif re.fullmatch(r"=[^=]+", argument) and re.fullmatch(r"[A-Za-z][\w./]*", before):
        words = f"{before}{argument}"
    elif (match := re.fullmatch(r"([A-Za-z][\w./]*)(?:\s+=\s*|\s*:\s+)(\S.*)", argument, re.DOTALL)) or (
        match := re.fullmatch(r"([A-Za-z][\w]*(?:\.\w+)+):([^/\\=\s][^=\s]*)", argument)
    ):
        words = f"{match[1]}={match[2]}"
    if words:
        raise UserError(f"{words}: key, = and value belong together, without blanks", remedy=f"write {words}")
