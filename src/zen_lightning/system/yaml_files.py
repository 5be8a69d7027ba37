"""YAML read as plain data: no object of it is ever made, and ``5e-4`` is a number, as Hydra has it."""

import re
from pathlib import Path
from typing import Any

import yaml

from zen_lightning.errors import UserError
from zen_lightning.system.yaml_check import check_size, check_yaml

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The quick loader, where it was built."""


class _Loader(_BASE):  # type: ignore[misc]
    """The safe loader of YAML 1.1, with the numbers of YAML 1.2: the former wants a dot before an exponent."""


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+$"), list("-+0123456789"))


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds.

    Raises:
        OSError: it cannot be read.
        UserError: it is not text, or no YAML; the sentence names the file and the line.
    """
    try:
        check_size(path)
        return parse_yaml(path.read_text(encoding="utf-8"))
    except ValueError as error:
        check_yaml(path)
        raise UserError(f"{path}: {error}") from None


def parse_yaml(text: str) -> Any:
    """Return what a text of YAML holds.

    Raises:
        ValueError: it is no YAML, or nested too deeply.

    Example:
        >>> parse_yaml("{decay: 5e-4, steps: [1, 2]}")
        {'decay': 0.0005, 'steps': [1, 2]}
        >>> parse_yaml("{commit: 7e62d00, seed: 7e6}")
        {'commit': '7e62d00', 'seed': 7000000.0}
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error).splitlines()[0] if str(error) else "nested too deeply") from None
