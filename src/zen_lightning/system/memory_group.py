"""What memory the control groups of Linux leave to this process: those of a container, of a job of SLURM, of a service."""

from pathlib import Path

_OWN = Path("/proc/self/cgroup")
_MOUNT = Path("/sys/fs/cgroup")

_NO_LIMIT = 2**60
"""What version 1 has where nothing is set is near 2**63."""


def free_in_groups(own: Path = _OWN, mount: Path = _MOUNT) -> int | None:
    """Return the bytes that the tightest control group above this process has left; None where none is limited.

    Each group counts what all of its processes take, but for files that it keeps in memory as long as there is room. See
    Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst of the kernel.

    Args:
        own: says which groups this process is in, cgroups(7).
        mount: where they are, as files. In a container it often shows the groups of the container alone, and ``own`` a path of
            the machine outside; its uppermost group is the container then.
    """
    try:
        lines = own.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    left = []
    for line in lines:
        number, controllers, path = line.split(":", 2)
        names = controllers.split(",")
        if number == "0" and not controllers:
            root, limit, taken, cached = mount, "memory.max", "memory.current", "inactive_file"
        elif "memory" in names:
            root, limit = mount / "memory", "memory.limit_in_bytes"
            taken, cached = "memory.usage_in_bytes", "total_inactive_file"
        else:
            continue
        inner = Path(path.lstrip("/"))
        left += [_left(root / group, limit, taken, cached) for group in (inner, *inner.parents)]
    return min((one for one in left if one is not None), default=None)


def _left(group: Path, limit: str, taken: str, cached: str) -> int | None:
    most = _number(group / limit)
    if most is None or most >= _NO_LIMIT:
        return None
    return max(0, most - max(0, (_number(group / taken) or 0) - _statistic(group / "memory.stat", cached)))


def _number(path: Path) -> int | None:
    try:
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None


def _statistic(path: Path, name: str) -> int:
    try:
        rows = [line.split() for line in path.read_text(encoding="ascii", errors="replace").splitlines()]
    except OSError:
        return 0
    return next((int(row[1]) for row in rows if row[:1] == [name]), 0)
