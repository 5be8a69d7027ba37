"""A connection to a Ray cluster, https://docs.ray.io, that leaves nothing behind."""

import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.system.address_space import address_space
from zen_lightning.system.followers import Followers
from zen_lightning.system.numbers import megabytes
from zen_lightning.system.ray_address import found_address, unanswered

_BY_SERVER = "ray://"
"""Addresses where a server, not this process, starts the job: its workers do not look into the directory of this one."""

_DEFAULTS = {"RAY_USAGE_STATS_ENABLED": "0"}
_SMALL_STORE = {"RAY_DEFAULT_OBJECT_STORE_MAX_MEMORY_BYTES": str(256 << 20)}
"""Variables that Ray reads as it is imported. Its store is else 30% of the memory, which each of its processes maps whole; what
is passed here, structures and scores, takes a few MB. The size is a choice."""

_LEAST_SPACE = 2 << 30
"""Bytes of address space with which the processes of Ray 2.60 start; with half of it, measured, it waits without end."""


def imported_ray(purpose: str) -> Any:
    """Return the package of Ray.

    Where the address space of a process is limited (``ulimit -v``), a cluster that it starts gets a small store: its processes
    end otherwise as they map it.

    Args:
        purpose: what needs it.

    Raises:
        MissingExtraError: it is not installed.
    """
    for name, value in {**_DEFAULTS, **(_SMALL_STORE if address_space() is not None else {})}.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise MissingExtraError("ray", "ray", purpose) from None
    return ray


class RaySession:
    """Connects this process to the cluster at hand, or starts one on this machine, which ends with this process.

    Args:
        ray: the package, imported.
        asked: what asked for it: ``launcher=ray`` or ``workers=ray``.
    """

    def __init__(self, ray: Any, asked: str) -> None:
        self._ray = ray
        self._asked = asked
        self._followers = Followers()

    def start(self) -> None:
        """Connect, or start a cluster.

        Raises:
            UserError: that cannot be, and why.
        """
        address, key = os.environ.get("RAY_ADDRESS", ""), self._asked.partition("=")[0]
        space = address_space()
        if address:
            _require_answer(address, key)
        elif space is not None and space < _LEAST_SPACE:
            what = f"{self._asked}: Ray needs 2 GiB of address space for each process, and {megabytes(space)} are allowed"
            raise UserError(what, key=key, remedy="raise it (ulimit -v), or do without Ray")
        try:
            self._init()
        except (OSError, RuntimeError, ValueError) as error:
            place = f"RAY_ADDRESS={address}" if address else self._asked
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise UserError(f"{place}: Ray cannot be used ({reason})", key=key) from error

    def _init(self) -> None:
        config: dict[str, Any] = {}
        if not os.environ.get("RAY_ADDRESS", "").startswith(_BY_SERVER) and not _imports_from_directory():
            config["job_config"] = self._ray.job_config.JobConfig()
            config["job_config"]._py_driver_sys_path = _WithoutDirectory()
        if not os.environ.get("RAY_ADDRESS"):  # Else Ray would take the cluster of anybody.
            config["address"] = found_address(self._ray, self._asked)
        with self._followers.marking():  # Some processes of Ray stay where this one is killed.
            self._ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR, **config)

    def end(self) -> None:
        """Disconnect; a cluster that was started ends."""
        self._ray.shutdown()
        self._followers.close()


def _require_answer(address: str, key: str) -> None:
    """Raise a UserError if nothing listens at an address: Ray would wait for minutes."""
    reason = unanswered(address)
    if reason is not None:
        what = f"RAY_ADDRESS={address} does not answer ({reason})"
        raise UserError(what, key=key, remedy="start the cluster, or unset RAY_ADDRESS for this machine")


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
