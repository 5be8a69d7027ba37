"""A connection to a Ray cluster, https://docs.ray.io, that leaves nothing behind."""

import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zen_lightning.system.followers import Followers

_BY_SERVER = "ray://"
"""Addresses where a server, not this process, starts the job: its workers do not look into the directory of this one."""


class RaySession:
    """Connects this process to the cluster at hand, or starts one on this machine, which ends with this process.

    Args:
        ray: the package, imported.
    """

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._followers = Followers()

    def start(self) -> None:
        """Connect, or start a cluster; raises what Ray raises."""
        config: dict[str, Any] = {}
        if not os.environ.get("RAY_ADDRESS", "").startswith(_BY_SERVER) and not _imports_from_directory():
            config["job_config"] = self._ray.job_config.JobConfig()
            config["job_config"]._py_driver_sys_path = _WithoutDirectory()
        with self._followers.marking():  # Some processes of Ray stay where this one is killed.
            self._ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR, **config)

    def end(self) -> None:
        """Disconnect; a cluster that was started ends."""
        self._ray.shutdown()
        self._followers.close()


class _WithoutDirectory(list[str]):
    """Places where the workers look for modules; Ray adds the working directory, which may be anybody's folder."""

    def extend(self, places: Iterable[str]) -> None:
        """Add places, but not the working directory."""
        super().extend(place for place in places if not _is_directory(place))


def _imports_from_directory() -> bool:
    """Whether this process itself looks for modules in the working directory, as with ``imports=`` of one that lies there."""
    return any(map(_is_directory, sys.path))


def _is_directory(place: str) -> bool:
    return Path(place or ".").resolve() == Path.cwd()
