"""Times of whole networks, from a table: what a profile of a device is made of that task=profile cannot run on."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zen_lightning.api.sources import FALLBACK, Setting
from zen_lightning.arch import Architecture
from zen_lightning.correlate.accuracies import Accuracies, accuracies_of, read_accuracies
from zen_lightning.errors import UserError, keyed
from zen_lightning.latency.fit import MeasuredNetwork
from zen_lightning.latency.profile import Profile
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.latency.whole_networks import check_count, profile_of_networks
from zen_lightning.system.named_path import expanded, path_to_write

UNITS = {"ms": 1.0, "s": 1e3, "us": 1e-3, "images_per_second": None}
"""Milliseconds of each unit; None where it is a rate."""

_SETTING = ("resolution", "num_classes", "use_se")


def profile_from_times(
    networks: str | Path | Mapping[Any, float],
    output: str | Path,
    *,
    column: str | None = None,
    unit: str = "ms",
    device: str = "the device measured",
    dtype: str = "",
    batch_size: int = 1,
    setting: Setting = FALLBACK,
    seed: int = 0,
) -> Profile:
    """Make the profile of a device of which the times of whole networks are known, and write it.

    Args:
        networks: the path of a CSV, plain or compressed by gzip, with a column ``architecture`` and one of times; columns
            ``resolution``, ``num_classes`` and ``use_se`` (0 or 1) say so for each row. Or the times by architecture.
        output: file of the profile, ``.json``.
        column: of the times; None: the only column of numbers.
        unit: of the times of one image: ``ms``, ``s``, ``us``, or ``images_per_second``.
        device: what it is called.
        dtype: what the networks ran in, for people.
        batch_size: of how many images a pass was.
        setting: resolution, classes and squeeze-and-excitation where the table has no such columns.
        seed: of the five parts that the error is computed with.

    Raises:
        UserError: a table that cannot be used; the message names the row.

    Example:
        >>> texts = [f"SuperConvK3BNRELU(3,{width},2,1)SuperResK3K3({width},64,2,{width},1)" for width in range(8, 96, 8)]
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     made = profile_from_times({text: 1 + n for n, text in enumerate(texts)}, f"{folder}/phone.json", device="phone")
        >>> made.device["name"], made.held_out.networks
        ('phone', 11)
    """
    path = path_to_write(output, "output")
    found = profile_of_times(
        networks,
        path.stem,
        column=column,
        unit=unit,
        device=device,
        dtype=dtype,
        batch_size=batch_size,
        setting=setting,
        seed=seed,
    )
    found.write(path)
    return found


def profile_of_times(
    networks: str | Path | Mapping[Any, float],
    name: str,
    *,
    column: str | None,
    unit: str,
    device: str,
    dtype: str,
    batch_size: int,
    setting: Setting,
    seed: int,
) -> Profile:
    """Return the profile that :func:`profile_from_times` writes; ``name`` is its name, and the others are as there."""
    table, measured, gates = read_times(networks, column, unit, setting)
    settings = LatencySettings(device, dtype, batch_size, engine="", elsewhere=True)
    title = f"the times of {len(measured)} networks, from {table.name}"
    source = {"title": title, "sha256": table.sha256}
    return profile_of_networks(measured, settings, name, time.strftime("%Y-%m-%d"), gates, source, seed)


def read_times(
    networks: str | Path | Mapping[Any, float], column: str | None, unit: str, setting: Setting
) -> tuple[Accuracies, list[MeasuredNetwork], list[bool]]:
    """Return a table of times, its networks, and whether each has squeeze-and-excitation; see :func:`profile_from_times`."""
    if unit not in UNITS:
        raise UserError(key="unit", value=unit, choices=list(UNITS))
    if isinstance(networks, Mapping):
        with keyed({"accuracies": "networks"}):
            table = accuracies_of(networks, "time")
    else:
        with keyed({"path": "networks"}):
            table = read_accuracies(expanded(networks), column)
    measured, gates = _measured(table, unit, setting)
    check_count(len(measured))
    return table, measured, gates


def _measured(table: Accuracies, unit: str, setting: Setting) -> tuple[list[MeasuredNetwork], list[bool]]:
    factor = UNITS[unit]
    columns: dict[str, list[float | None]] = {name: table.columns.get(name, [None] * len(table.values)) for name in _SETTING}
    measured, gates = [], []
    for number, (architecture, value) in enumerate(zip(table.architectures, table.values, strict=True)):
        if not isinstance(architecture, Architecture):
            what = f"{table.name}: latency is predicted for rows of super-blocks, not for {architecture}"
            raise UserError(what, remedy="leave the row out")
        if not value > 0:
            raise UserError(f"{table.name}: {architecture} has {table.column} {value:g}", expected="a time above 0")
        resolution, classes, gated = (columns[name][number] for name in _SETTING)
        milliseconds = value * factor if factor is not None else 1000 / value
        size, outputs = int(resolution or setting.resolution), int(classes or setting.num_classes)
        measured.append(MeasuredNetwork(architecture, size, outputs, milliseconds))
        gates.append(setting.use_se if gated is None else bool(gated))
    return measured, gates
