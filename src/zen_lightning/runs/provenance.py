"""Versions and commit that a result was made with."""

import platform
import subprocess
from functools import cache
from pathlib import Path

from zen_lightning.system.versions import installed_versions

_PACKAGES = ("zen-lightning", "torch", "torchvision", "pytorch-lightning", "hydra-core", "omegaconf")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that are installed."""
    return {"python": platform.python_version(), **installed_versions(_PACKAGES)}


@cache
def git_commit() -> str | None:
    """Return the commit of the checkout that this code runs from, with ``-dirty`` where files differ; None outside one.

    It is asked for once in a process, whose code is that of its start.
    """
    folder = Path(__file__).resolve().parent
    try:
        inside = _git(folder, "ls-files", "--error-unmatch", Path(__file__).name)
        if inside is None:
            return None
        commit = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{commit}-dirty" if commit and changed else commit


def _git(folder: Path, *arguments: str) -> str | None:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
