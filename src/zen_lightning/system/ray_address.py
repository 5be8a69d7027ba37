"""The address of the Ray cluster that runs on this machine, taken from nobody else."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

_NEW = "local"
"""What Ray calls a new cluster on this machine."""

CONNECT_SECONDS = 3.0
"""Seconds that an address has to answer, where Ray would wait for minutes. A choice."""

_LONGEST = 1000
"""Bytes that are read of an address. A choice."""


def found_address(ray: Any, asked: str) -> str:
    """Return the address that a file of Ray names as the cluster of this machine, or ``local``, which has Ray start one.

    What a cluster sends back is unpickled, so that the cluster must be of this user or of root. The file lies below ``/tmp``,
    where anybody may put one: the address is that of the file whose owner is looked at, and a link is not followed.

    Args:
        ray: the package, imported.
        asked: what asked for it, told where the cluster of another user is left alone, or one does not answer.
    """
    try:
        path = Path(ray._private.utils.get_ray_address_file(None))
    except AttributeError:  # Another version of Ray keeps it elsewhere.
        return _NEW
    trusted = {0, os.getuid()} if hasattr(os, "getuid") else {0}  # On Windows all files are of 0.
    try:
        if path.parent.is_symlink() and path.parent.lstat().st_uid not in trusted:
            return _NEW
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        try:
            owner, address = os.fstat(file).st_uid, os.read(file, _LONGEST).decode(errors="replace").strip()
        finally:
            os.close(file)
    except OSError:  # None runs, or what is there is a link or no file.
        return _NEW
    if owner not in trusted:
        told = f"a Ray cluster of another user ({_name(owner)}) runs on this machine, and is left alone"
        print(f"{asked}: {told}: name it by RAY_ADDRESS to use it", file=sys.stderr, flush=True)
        return _NEW
    reason = unanswered(address)
    if reason is not None:  # It was killed, and has left its address.
        told = f"the Ray cluster that was started on this machine does not answer at {address} ({reason})"
        print(f"{asked}: {told}: this command starts one for itself", file=sys.stderr, flush=True)
        return _NEW
    return address or _NEW


def unanswered(address: str) -> str | None:
    """Return why nothing answers at ``host:port`` or ``ray://host:port``; None where something does, or there is no port."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return None
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        return str(getattr(error, "strerror", None) or error)
    return None


def _name(owner: int) -> str:
    import pwd  # Windows has none, and all files there are of one owner.

    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:  # It has no name here.
        return str(owner)
