"""Profiles: the measurements of a device in one file, which is checked when it is read."""

import json
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from zen_lightning.errors import UserError
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.system.checksums import changed, content_digest
from zen_lightning.system.files import write_text
from zen_lightning.system.json_files import read_json
from zen_lightning.system.named_path import expanded
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.schema import COUNT, FLAG, OBJECT, TEXT, TEXTS, Each, ListOf, Number, Record, all_of

FORMAT, NEWEST = 1, 2
"""The format of a profile that was measured here, and of one that is not: older versions refuse what they cannot use."""

_MARK = "zen_lightning_latency_profile"
_SHIPPED = Path(__file__).with_name("profiles")
_OWN = "~/.local/share/zen-lightning/profiles"
_MOST_UNSTEADY = 0.3
"""Share of the networks whose sweeps are more than 10% apart, above which a profile warns. A choice: it was busy for long."""

_LARGEST_ERROR = 0.1
"""Median error on the networks held out above which a profile warns. A choice: twice the target of docs/benchmarks.md."""
_AGAIN = "profile the device again (task=profile)"

_NUMBERS = ListOf(Number())
_HELD_OUT = all_of(
    networks=COUNT,
    median=Number(0),
    percentile_90=Number(0),
    root_mean_square=Number(0),
    spearman=Number(-1, 1),
    operations=Number(0),
)
_SETTINGS = Record(
    {
        **dict.fromkeys(("device", "dtype", "engine"), TEXT),
        **dict.fromkeys(("batch_size", "threads"), Number(1, 2**20, whole=True)),
        **dict.fromkeys(("fold_batch_norms", "channels_last", "compile", "cuda_graph", "elsewhere"), FLAG),
    }
)
_FIRST = all_of(
    settings=_SETTINGS,
    device=OBJECT,
    date=TEXT,
    seconds=Number(0),
    points=Each(ListOf(_NUMBERS)),
    regressions=Each(all_of(shape=_NUMBERS, costs=_NUMBERS, amplitude=Number(0), weights=_NUMBERS)),
    correction=all_of(factors=_NUMBERS, charges=_NUMBERS, strength=Number()),
    held_out=_HELD_OUT,
    networks=ListOf(all_of(structure=TEXT, milliseconds=Number(0), predicted=Number(), held_out=FLAG)),
    unsteady=Record(dict.fromkeys(("operations", "networks"), Number(0, 1))),
)
"""What a profile of the first format holds, all of it."""

_COSTS = Each(all_of(costs=_NUMBERS, most=_NUMBERS))
_CONTENT = Record({**_FIRST.fields, "fused": TEXTS, "whole": _COSTS, "source": Each(TEXT)}, required=_FIRST.required)

Points = dict[str, list[tuple[int, int, int, float]]]
"""By family: input channels, output channels, input resolution, microseconds for one image."""


@dataclass(frozen=True)
class HeldOut:
    """How far predictions were from measurements of networks that nothing was fitted on.

    Attributes:
        networks: number of networks.
        median: median of the relative errors.
        percentile_90: their 90th percentile.
        root_mean_square: their root mean square.
        spearman: rank correlation of predicted and measured latency.
        operations: root mean square of what the operations' own uncertainties add up to, relative to a network.
    """

    networks: int
    median: float
    percentile_90: float
    root_mean_square: float
    spearman: float
    operations: float

    def __str__(self) -> str:
        return (
            f"median error {self.median:.1%}, 90th percentile {self.percentile_90:.1%}, Spearman {self.spearman:.3f} on "
            f"{self.networks} networks held out"
        )


@dataclass(frozen=True)
class Profile:
    """A device, measured.

    Attributes:
        name: name of the file, without its folder and suffix.
        settings: how the networks were run.
        device: name, driver, clocks, cores and library versions.
        date: when it was measured.
        seconds: how long the measurement took.
        points: measured operations.
        regressions: the regression of each family; see :class:`~zen_lightning.latency.regression.Fitted`.
        correction: see :class:`~zen_lightning.latency.correction.Correction`, by attribute.
        held_out: how good its predictions are.
        networks: what was measured whole: ``structure``, ``milliseconds``, ``predicted`` and ``held_out``.
        unsteady: parts of the ``operations`` and ``networks`` whose measurements varied by more than 10%; empty where that is
            not known.
        fused: kinds of operations that are part of the one before them, and take no time of their own.
        whole: costs of each kind of operation where only whole networks were measured, by
            :class:`~zen_lightning.latency.whole_networks.KindCosts`; empty where ``points`` are there.
        source: where the measurements come from, if they were not made by task=profile: ``title``, ``url``, ``licence``,
            ``note`` (said where the profile is used), ``held_out`` (what its error is the error of).
    """

    name: str
    settings: LatencySettings
    device: dict[str, Any]
    date: str
    seconds: float
    points: Points
    regressions: dict[str, dict[str, Any]]
    correction: dict[str, Any]
    held_out: HeldOut
    networks: list[dict[str, Any]]
    unsteady: dict[str, float]
    fused: tuple[str, ...] = ()
    whole: dict[str, dict[str, Any]] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)

    @property
    def warning(self) -> str | None:
        """A sentence where the device was too busy, or predictions are poor; None where all is well."""
        busy = self.unsteady.get("networks", 0.0) > _MOST_UNSTEADY
        if self.source and self.held_out.median > _LARGEST_ERROR:
            against = self.source.get("held_out")
            return f"its predictions are rough: {self.held_out}" + (f" ({against})" if against else "")
        if not busy and self.held_out.median <= _LARGEST_ERROR:
            return None
        why = f"{self.unsteady['networks']:.0%} of the networks measured differently each time" if busy else str(self.held_out)
        return f"this profile is not to be trusted: {why}; close what else runs on the device, and profile it again"

    @cached_property
    def checksum(self) -> str:
        """The SHA-256 of what the file holds."""
        return content_digest(self._content())

    def write(self, path: Path) -> None:
        """Write the file, atomically."""
        content = self._content()
        newer = self._newer()
        lines = [f'"{_MARK}": {NEWEST if newer else FORMAT}', f'"checksum": "{self.checksum}"']
        for key, value in content.items():
            if key in ("networks", "points", "regressions"):
                lines.append(f"{json.dumps(key)}: {_rows(value)}")
            else:
                lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
        write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")

    def _content(self) -> dict[str, Any]:
        return {
            "settings": self.settings.as_dict(),
            "device": self.device,
            "date": self.date,
            "seconds": self.seconds,
            "regressions": self.regressions,
            "correction": self.correction,
            "held_out": vars(self.held_out),
            "unsteady": self.unsteady,
            "networks": self.networks,
            "points": self.points,
            **self._newer(),
        }

    def _newer(self) -> dict[str, Any]:
        """Return what format 2 added, where it is used: other profiles stay what they were, to the byte."""
        added = {"fused": list(self.fused), "whole": self.whole, "source": self.source}
        return {key: value for key, value in added.items() if value}


def read_profile(path: Path) -> Profile:
    """Return the profile that a file holds.

    Raises:
        UserError: there is no such file, or it is no profile of this version, or not as it was written.
    """
    try:
        content = read_json(path, f"fetch it again, or {_AGAIN}").content
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such profile") from None
    if _MARK not in content:
        raise UserError(f"{path} is not a profile of a device", remedy="make one by task=profile")
    version, checksum = content.pop(_MARK), content.pop("checksum", None)
    if version not in (FORMAT, NEWEST):
        what = f"{path} is a profile of format {version}, and this version reads formats {FORMAT} and {NEWEST}"
        raise UserError(what, remedy=_AGAIN)
    if checksum != content_digest(content):
        raise changed(path, f"fetch it again, or {_AGAIN}")
    if found := _CONTENT.wrong(content, ""):
        raise UserError(f"{path}: {found}", remedy=f"fetch it again, or {_AGAIN}")
    known = {name: content[name] for name in _CONTENT.fields if name in content}
    held_out = HeldOut(**{name: known["held_out"][name] for name in _HELD_OUT.fields})
    settings = {name: known["settings"][name] for name in _SETTINGS.fields if name in known["settings"]}
    fused = tuple(known.pop("fused", ()))
    return Profile(path.stem, **{**known, "settings": LatencySettings(**settings), "held_out": held_out, "fused": fused})


def find_profile(name: str) -> Profile:
    """Return the profile of a name: a file, or one in ``./profiles``, in the user's folder, or shipped.

    The user's folder is what the environment variable ``ZEN_LIGHTNING_PROFILES`` says, else
    ``~/.local/share/zen-lightning/profiles``.

    Args:
        name: name of the file without ``.json``, or a path that ends with it.

    Raises:
        UserError: there is none, or it cannot be used.
    """
    path = profile_path(name)
    if not holds_file(path):
        remedy = "name the file where it is now, or make one by task=profile"
        raise UserError("there is no such profile", key="name", value=name, remedy=remedy)
    return read_profile(path)


def profile_path(name: str) -> Path:
    """Return the file of a profile; arguments and errors as for :func:`find_profile`."""
    if name.endswith(".json") or os.sep in name:
        return expanded(name)
    for folder in _folders():
        path = folder / f"{name}.json"
        if path.is_file():
            return path
    raise UserError("no such profile", key="name", value=name, choices=profile_names(), remedy="make one by task=profile")


def profile_names() -> list[str]:
    """Return the names that :func:`find_profile` knows."""
    return sorted({path.stem for folder in _folders() if folder.is_dir() for path in folder.glob("*.json")})


def _folders() -> tuple[Path, ...]:
    own = expanded(os.environ.get("ZEN_LIGHTNING_PROFILES") or _OWN)
    return Path("profiles"), own, _SHIPPED


def _rows(value: Any) -> str:
    """Return JSON with a line for each network, or for each family of points: a file that a diff can be read of."""
    if isinstance(value, dict):
        rows = [f"{json.dumps(key)}: {json.dumps(row, separators=(',', ':'))}" for key, row in value.items()]
        return "{\n" + ",\n".join(rows) + "\n}"
    return "[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]"
