"""What ``task=export`` leaves in ``result.json``, and prints."""

from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig

from zen_lightning.api.exporting import Export
from zen_lightning.api.file_times import PYTORCH
from zen_lightning.budget import counts
from zen_lightning.latency.device_facts import cpu_name
from zen_lightning.latency.timing import Timing
from zen_lightning.nets.export import Exported, Exporter
from zen_lightning.report.terminal.table import Table
from zen_lightning.report.terminal.wrapping import wrapped
from zen_lightning.runs.provenance import versions


def result_of(config: DictConfig, written: Export, exporters: Sequence[Exporter]) -> dict[str, Any]:
    """Return the content of ``result.json``."""
    trained = written.trained
    architecture = trained.network.architecture
    resolution, num_classes, use_se = trained.setting
    packages = {name: text for exporter in exporters for name, text in exporter.versions().items()}
    return {
        "structure": str(architecture),
        **counts(architecture, resolution, num_classes, use_se),
        "resolution": resolution,
        "num_classes": num_classes,
        "use_se": use_se,
        "weights": trained.origin,
        "fold": config.fold,
        "dynamic_size": config.dynamic_size,
        **({} if written.calibration is None else {"calibration": written.calibration}),
        **({} if not written.timings else {"cpu": cpu_name(), "pytorch_ms": _milliseconds(written.timings[PYTORCH])}),
        "files": [_file(one, written.timings.get(one.path.name)) for one in written.files],
        "versions": {**versions(), **packages},
    }


def _file(one: Exported, timing: Timing | None) -> dict[str, Any]:
    found = {
        "format": one.format,
        "file": one.path.name,
        "size": one.size,
        "sha256": one.sha256,
        "largest_difference": one.difference,
        "relative_difference": one.relative_difference,
        "rounding": one.rounding,
        "unfolded": one.unfolded,
        **one.facts,
    }
    if one.companions:
        found["companions"] = one.companions
    if timing is not None:
        found |= {"ms": _milliseconds(timing), "ms_low": 1000 * timing.low, "ms_high": 1000 * timing.high}
    if (told := one.accuracy) is not None:
        known = {"int8_top1": told.quantised, "float32_top1": told.float32} if told.labelled else {"same_class": told.quantised}
        found["accuracy"] = {"images": told.images, "of": told.origin, **known}
    return found


def _milliseconds(timing: Timing) -> float:
    return 1000 * timing.median


def show_files(config: DictConfig, written: Export, exporters: Sequence[Exporter]) -> None:
    """Print the table of the files, what int8 loses, and how each file is run."""
    trained, timings = written.trained, written.timings
    resolution, num_classes, _ = trained.setting
    table = Table(
        f"Exported at {resolution} px, {num_classes} classes; weights: {trained.origin}",
        ["file", "bytes", *(["ms"] if timings else []), "difference", "relative", "rounding"],
    )
    if timings:
        table.add(PYTORCH, "", _time(timings[PYTORCH]), "", "", "")
    for one in written.files:
        times = [_time(timings[one.path.name])] if timings else []
        differences = (f"{one.difference:.2g}", f"{one.relative_difference:.2g}", f"{one.rounding:.2g}")
        table.add(_names(one), f"{one.size:,}", *times, *differences)
    table.print()
    said = "the largest of any logit from PyTorch's; relative: divided by the largest logit; rounding: of float32 itself"
    print(wrapped(f"difference: {said}"))
    if timings:
        shaky = [name for name, timing in timings.items() if not timing.trusted]
        unsure = f"; not reliable for {' and '.join(shaky)}: other programs used the CPU meanwhile" if shaky else ""
        print(wrapped(f"ms: median time of one image on one thread of {cpu_name()}{unsure}"))
    for one in written.files:
        if one.accuracy is not None:
            print(f"{one.path.name}: {one.accuracy}; ranges of {written.calibration}")
    if config.fold and written.files[0].unfolded:
        names = ", ".join(written.files[0].unfolded)
        print(wrapped(f"these batch norms are not folded, as no convolution directly precedes them: {names}"))
    channels = trained.network.architecture.in_channels
    taken = "any number of images of any size" if config.dynamic_size else "any number of images"
    for exporter, one in zip(exporters, written.files, strict=True):
        print(f"\nTo run {one.path.name}, on {taken}:\n\n{exporter.usage(one.path, resolution, channels)}\n")


def _names(one: Exported) -> str:
    return " + ".join([one.path.name, *(f".{name.rpartition('.')[2]}" for name in one.companions)])


def _time(timing: Timing) -> str:
    return f"{1000 * timing.median:.3g}"
