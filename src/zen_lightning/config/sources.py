"""The YAML files that Hydra reads: what is wrong with one is a sentence with file and line."""

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig, OmegaConf

from zen_lightning.errors import UserError, first_line
from zen_lightning.system.conf_dir import conf_dir
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.yaml_check import LARGEST, check_yaml

_PACKAGE = re.compile(r"\s*#\s*@package\s+(\S+)\s*$")

_seen: list[Path] = []

_shipped: dict[tuple[str, Path, int, int], ConfigResult] = {}
"""The files that ship, each read once: a quarter of the time of composing, which every job and check does anew."""


def check_sources() -> None:
    """Have every YAML file looked at that Hydra reads."""
    Plugins.instance()  # Imports the class of files once more; the registry has the one that is used.
    source: Any = SourcesRegistry.instance().resolve("file")
    if not hasattr(source, "read_unchecked"):
        source.read_unchecked = source.load_config
        source.load_config = _load_config


def last_read() -> Path | None:
    """Return the file that Hydra has read last; None for none: the likely culprit where composing fails in an odd way."""
    return _seen[-1] if _seen else None


def _load_config(self: Any, config_path: str) -> ConfigResult:
    path = Path(self.path) / self._normalize_file_name(config_path)
    if not path.is_file():
        found: ConfigResult = self.read_unchecked(config_path)  # Hydra says so.
        return found
    _seen[:] = [path]
    if not path.is_relative_to(conf_dir()):
        return _checked(self, config_path, path)
    state = path.stat()
    key = (self.provider, path, state.st_mtime_ns, state.st_size)
    if key not in _shipped:
        _shipped[key] = _checked(self, config_path, path)
    return deepcopy(_shipped[key])  # Hydra takes parts out of what it is given.


def _checked(source: Any, config_path: str, path: Path) -> ConfigResult:
    found: ConfigResult = _read(path, lambda: source.read_unchecked(config_path))
    _check_keys(path, found.config)
    if found.header.get("package") is None:
        found.header["package"] = _package(path)
    return found


def load_config_file(path: Path) -> DictConfig:
    """Return the content of a YAML file of the configuration that Hydra does not read itself.

    Raises:
        UserError: it is no such file; the sentence names the file and the line.
    """
    holds_file(path)
    found: Any = _read(path, lambda: OmegaConf.load(path))
    _check_keys(path, found)
    assert isinstance(found, DictConfig)
    return found


def _read(path: Path, read: Callable[[], Any]) -> Any:
    """Return what a function reads from a file; what it raises becomes a sentence."""
    try:
        if _may_grow(path):
            check_yaml(path)
        return read()
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror or error})") from None
    except Exception as error:
        check_yaml(path)
        reason = first_line(error)
        raise UserError(f"{path} cannot be read as a configuration: {reason}") from error


def _package(path: Path) -> str | None:
    """Return what ``# @package`` says below other comments: Hydra looks above them alone, and would misplace all keys."""
    with path.open(encoding="utf-8-sig") as file:
        for line in file:
            match = _PACKAGE.match(line)
            if match is not None:
                return match.group(1)
            if line.strip() and not line.lstrip().startswith("#"):
                break
    return None


def _may_grow(path: Path) -> bool:
    """Whether a file may hold more than it seems to: it is large, or has aliases."""
    if path.stat().st_size > LARGEST:
        return True
    content = path.read_bytes()
    return b"&" in content and b"*" in content


def _check_keys(path: Path, config: Any) -> None:
    if not isinstance(config, DictConfig):
        raise UserError(f"{path} holds a list, and must hold keys with values, such as seed: 1")
    content: Any = OmegaConf.to_container(config, resolve=False)
    if not isinstance(content, dict):
        return
    defaults = content.get("defaults", [])
    if not isinstance(defaults, list):
        raise UserError(f"{path}: defaults is {_shown(defaults)}, and must be a list, such as [override /budget: flops600M]")
    for entry in defaults:
        if isinstance(entry, str) or (isinstance(entry, dict) and _is_choice(entry)):
            continue
        expected = "the name of a file, or a group with its choice, such as override /budget: flops600M"
        raise UserError(f"{path}: an entry of defaults is {_shown(entry)}, and must be {expected}")


def _is_choice(entry: dict[Any, Any]) -> bool:
    """Whether an entry of the defaults is a group with what is chosen: a name, none, or a list of names."""
    named = [(key, value) for key, value in entry.items() if key not in ("optional", "override")]
    if len(named) != 1 or not isinstance(named[0][0], str):
        return False
    choice = named[0][1]
    chosen = choice if isinstance(choice, list) else [choice]
    return all(one is None or isinstance(one, str) for one in chosen)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
