"""Whether a run of Weights & Biases is online, where its own files go, and whether they were written."""

import errno
import netrc
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_HOSTS = ("api.wandb.ai",)
"""Whose keys W&B takes for its own service, however that is called."""
_NO_KEY_NEEDED = ("offline", "dryrun", "disabled")


def needs_offline(environ: Mapping[str, str], base_url: str) -> bool:
    """Whether W&B would want an API key and has none; else it decides itself, by WANDB_MODE and its own settings.

    Args:
        environ: the environment.
        base_url: address of the server.

    Example:
        >>> needs_offline({"WANDB_MODE": "disabled"}, ""), needs_offline({"WANDB_API_KEY": "of mine"}, "")
        (False, False)
    """
    return environ.get("WANDB_MODE") not in _NO_KEY_NEEDED and not has_key(environ, base_url)


def has_key(environ: Mapping[str, str], base_url: str) -> bool:
    """Whether W&B has an API key: in the environment, or kept by ``wandb login``."""
    if environ.get("WANDB_API_KEY") or environ.get("WANDB_IDENTITY_TOKEN_FILE"):
        return True
    hosts = [urlsplit(base_url).hostname or "", *_HOSTS]
    path = Path(environ.get("NETRC", "~/.netrc")).expanduser()
    try:
        known = netrc.netrc(path)
    except (OSError, netrc.NetrcParseError):
        return False
    return any(host in known.hosts for host in hosts)


@contextmanager
def no_settings_of_directory() -> Iterator[None]:
    """Let W&B read no ``wandb/settings`` of the working directory, which may be anybody's folder; say so where there is one.

    Such a file can name another server, a proxy, or headers: W&B would send the API key there. The user's own settings
    (``~/.config/wandb/settings``, ``WANDB_CONFIG_DIR``) and the environment count as before.
    """
    import wandb

    for name in ("wandb", ".wandb"):
        path = Path(name) / "settings"
        if path.exists():
            print(
                f"logger=wandb: {path} is not read, since it can name another server that your API key would be sent to: "
                "say what holds by logger.wandb.entity=, or by WANDB_BASE_URL and the like in the environment",
                file=sys.stderr,
                flush=True,
            )
    before: Any = wandb.Settings.__dict__["settings_workspace"]
    changed: Any = wandb.Settings
    with tempfile.TemporaryDirectory() as empty:
        changed.settings_workspace = property(lambda settings: str(Path(empty) / "settings"))
        try:
            yield
        finally:
            changed.settings_workspace = before


@contextmanager
def own_folders(folder: Path) -> Iterator[None]:
    """Let W&B keep its copies of artifacts and its cache in a folder, unless the environment says otherwise."""
    wanted = {"WANDB_DATA_DIR": "data", "WANDB_CACHE_DIR": "cache", "WANDB_ARTIFACT_DIR": "artifacts"}
    missing = {key: str(folder / name) for key, name in wanted.items() if key not in os.environ}
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
