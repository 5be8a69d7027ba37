"""Whether a run of Weights & Biases is online, where its own files go, and whether they were written."""

import configparser
import errno
import netrc
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zen_lightning.errors import UserError
from zen_lightning.system.named_path import expanded
from zen_lightning.system.ordinary_file import require_file

_HOSTS = ("api.wandb.ai",)
"""Whose keys W&B takes for its own service, however that is called."""
_NO_KEY_NEEDED = ("offline", "dryrun", "disabled")
_MODES = ("online", "offline", "disabled", "shared", "dryrun", "run")
"""That W&B knows; the last two are older names of offline and online."""

_MOST_SETTINGS = 64 * 1024
"""Bytes that are read of a file of settings. A choice: those that W&B writes have some lines."""


def check_mode(environ: MutableMapping[str, str]) -> None:
    """Raise a UserError where WANDB_MODE is none of W&B's modes; an empty one is removed: it means none."""
    mode = environ.get("WANDB_MODE")
    if mode is not None and not mode.strip():
        del environ["WANDB_MODE"]
    elif mode is not None and mode not in _MODES:
        raise UserError(f"WANDB_MODE={mode} in the environment", expected=f"one of {', '.join(_MODES)}")


def needs_offline(mode: str, environ: Mapping[str, str], base_url: str) -> bool:
    """Whether W&B would want an API key and has none; else it decides itself.

    Args:
        mode: what WANDB_MODE and W&B's own settings say.
        environ: the environment.
        base_url: address of the server.

    Example:
        >>> needs_offline("disabled", {}, ""), needs_offline("online", {"WANDB_API_KEY": "of mine"}, "")
        (False, False)
    """
    return mode not in _NO_KEY_NEEDED and not has_key(environ, base_url)


def has_key(environ: Mapping[str, str], base_url: str) -> bool:
    """Whether W&B has an API key: in the environment, or kept by ``wandb login``."""
    if environ.get("WANDB_API_KEY") or environ.get("WANDB_IDENTITY_TOKEN_FILE"):
        return True
    hosts = [urlsplit(base_url).hostname or "", *_HOSTS]
    path = expanded(environ.get("NETRC", "~/.netrc"))
    try:
        known = netrc.netrc(path)
    except (OSError, netrc.NetrcParseError):
        return False
    return any(host in known.hosts for host in hosts)


@contextmanager
def no_settings_of_directory() -> Iterator[None]:
    """Let W&B read of ``wandb/settings`` in the working directory only that a run is offline; say so where there is more.

    The directory may be anybody's folder, and such a file can name another server, a proxy, or headers: W&B would send the API
    key there. That a run stays here (``wandb offline``, ``wandb disabled``) reveals nothing, so that counts. The user's own
    settings (``~/.config/wandb/settings``, ``WANDB_CONFIG_DIR``) and the environment count as before.
    """
    import wandb

    mode = None
    for path in (Path("wandb", "settings"), Path(".wandb", "settings")):
        if not path.exists():
            continue
        said, but = _settings(path), ""
        if said.get("mode") in _NO_KEY_NEEDED:
            mode = said.pop("mode")
            but = f", but for mode = {mode}"
        if said or not but:
            print(
                f"logger=wandb: {path} is not read{but}, since it can name another server that your API key would be sent to: "
                "say what holds by logger.wandb.entity=, or by WANDB_MODE=offline, WANDB_BASE_URL and the like in the "
                "environment",
                file=sys.stderr,
                flush=True,
            )
    before: Any = wandb.Settings.__dict__["settings_workspace"]
    changed: Any = wandb.Settings
    with tempfile.TemporaryDirectory() as empty, _variables({"WANDB_MODE": mode} if mode else {}):
        changed.settings_workspace = property(lambda settings: str(Path(empty) / "settings"))
        try:
            yield
        finally:
            changed.settings_workspace = before


def _settings(path: Path) -> dict[str, str]:
    """Return what a file of W&B's settings says; nothing where it cannot be read."""
    parser = configparser.ConfigParser(interpolation=None)
    with suppress(OSError, UnicodeDecodeError, configparser.Error):
        require_file(path)
        with path.open(encoding="utf-8") as file:
            parser.read_string(file.read(_MOST_SETTINGS))
        return dict(parser.items("default"))
    return {}


@contextmanager
def own_folders(folder: Path) -> Iterator[None]:
    """Let W&B keep its copies of artifacts and its cache in a folder, unless the environment says otherwise."""
    wanted = {"WANDB_DATA_DIR": "data", "WANDB_CACHE_DIR": "cache", "WANDB_ARTIFACT_DIR": "artifacts"}
    with _variables({key: str(folder / name) for key, name in wanted.items()}):
        yield


@contextmanager
def _variables(wanted: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment that are not set."""
    missing = {key: value for key, value in wanted.items() if key not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for key in missing:
            os.environ.pop(key, None)


def check_written(folder: Path) -> None:
    """Raise an OSError where a run could not write to its folder, as the log of W&B's own process has it.

    Args:
        folder: folder of W&B's run, with ``logs/`` in it.
    """
    log = folder / "logs" / "debug-internal.log"
    if log.is_file() and os.strerror(errno.ENOSPC).lower() in log.read_text(encoding="utf-8", errors="replace").lower():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
