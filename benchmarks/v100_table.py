"""The published table of single operations on a V100, and what is made of it: the points of a profile.

``data/v100_fp16_operations.txt.gz`` beside the golden files (``ZEN_V100`` names another file): latencies of convolutions by
TensorRT, float16, of Alibaba's lightweight-neural-architecture-search, Apache-2.0. A line is ``{Regular|Depthwise, batch, in,
height, width, out, kernel, stride, fused addition 0/1} milliseconds``, -1 where nothing could be measured.

What the table lacks, and where it is taken from:

- relu and batch norm: by TensorRT they are part of the convolution before them, and take no time. Unfused, each takes what a
  depthwise 1x1 convolution takes, which reads a map, scales it and writes it.
- the addition of a shortcut: the median difference of convolutions with and without a fused addition. Unfused, with the relu
  after it, two and a half depthwise 1x1 convolutions: five maps are read or written, and not two.
- squeeze-and-excitation, estimated: scaling the map is a depthwise 1x1 convolution, pooling half of one, and each of its two
  linear layers takes as long as the shortest operation of the table.
- global pooling and classifier, estimated: half a depthwise 1x1 convolution, the shortest operation, and the time to read the
  weights at 900 GB/s (NVIDIA's data sheet of the V100).
- widths above those of the table (2,560 out, 4,096 in): a 1x1 or depthwise convolution of twice and three times the width is
  taken to be two and three of the widest.
"""

import gzip
import os
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from common import GOLDEN
from zen_lightning.latency.operations import ADD, CONV, DEPTHWISE, HEAD, IMAGE_CHANNELS, NORM, RELU, SE, STEM, Operation

TABLE = Path(os.environ.get("ZEN_V100", GOLDEN.parent / "data" / "v100_fp16_operations.txt.gz"))
BANDWIDTH = 900e9
"""Bytes a second of the V100's memory, by NVIDIA's data sheet."""

WIDER = (2, 3)
CLASSES = (2, 10, 100, 1000)
SMALL = (1, 2, 4)
"""Resolutions below the table's least at which heads are estimated: as at the least."""


class Row(NamedTuple):
    """A line of the table that could be measured."""

    operation: Operation
    batch: int
    addition: bool
    seconds: float


def table() -> list[Row]:
    """Return the measured rows."""
    if not TABLE.is_file():
        sys.exit(f"no table {TABLE}: set ZEN_V100 to the file")
    found = []
    with gzip.open(TABLE, "rt") as file:
        for line in file:
            written, milliseconds = line.strip().removeprefix("{").split("} ")
            name, *numbers = written.split(",")
            batch, arrives, height, width, leaves, kernel, stride, addition = map(int, numbers)
            assert height == width, line
            if float(milliseconds) > 0:
                kind = DEPTHWISE if name == "Depthwise" else STEM if arrives == IMAGE_CHANNELS else CONV
                operation = Operation(kind, kernel, stride, arrives, leaves, height)
                found.append(Row(operation, batch, bool(addition), float(milliseconds) / 1000))
    return found


def measured(rows: list[Row], batch: int) -> dict[Operation, float]:
    """Return the seconds of the operations themselves, for one image."""
    return {one.operation: one.seconds / batch for one in rows if one.batch == batch and not one.addition}


def additions(rows: list[Row], batch: int) -> dict[Operation, float]:
    """Return the addition of a shortcut to maps of each size: the median of what it adds to the convolutions that have both."""
    alone = {one.operation: one.seconds for one in rows if one.batch == batch and not one.addition}
    found = defaultdict(list)
    for one in rows:
        if one.batch == batch and one.addition and one.operation in alone and one.operation.kind == CONV:
            leaves = one.operation.out_channels
            size = Operation(ADD, 1, 1, leaves, leaves, one.operation.out_resolution)
            found[size].append((one.seconds - alone[one.operation]) / batch)
    return {operation: middle for operation, times in found.items() if (middle := statistics.median(times)) > 0}


def wider(known: dict[Operation, float]) -> dict[Operation, float]:
    """Return 1x1 and depthwise convolutions of multiples of the widest that was measured."""
    found = {}
    pointwise = [o for o in known if o.kind == CONV and o.kernel_size == 1]
    most_out = max(o.out_channels for o in pointwise)
    most_in = max(o.in_channels for o in pointwise)
    for o in pointwise:
        for times in WIDER:
            if o.out_channels == most_out:
                found[o._replace(out_channels=times * most_out)] = times * known[o]
            if o.in_channels == most_in:
                found[o._replace(in_channels=times * most_in)] = times * known[o]
    depthwise = [o for o in known if o.kind == DEPTHWISE]
    widest = max(o.out_channels for o in depthwise)
    for o in depthwise:
        if o.out_channels == widest:
            for times in WIDER:
                found[o._replace(in_channels=times * widest, out_channels=times * widest)] = times * known[o]
    return found


def estimated(known: dict[Operation, float], shortest: float, batch: int) -> dict[Operation, float]:
    """Return squeeze-and-excitation and heads, estimated from scalings of maps: depthwise 1x1 convolutions."""
    found = {}
    least = min(o.resolution for o in known)
    for o, scaling in scalings(known).items():
        pooling = max(shortest, scaling / 2)
        found[o._replace(kind=SE)] = scaling + pooling + 2 * shortest
        for classes in CLASSES:
            for size in (*SMALL, o.resolution) if o.resolution == least else (o.resolution,):
                head = Operation(HEAD, 1, 1, o.in_channels, classes, size)
                found[head] = pooling + shortest + 2 * head.weights / BANDWIDTH / batch
    return found


def unfused(known: dict[Operation, float]) -> dict[Operation, float]:
    """Return batch norms, relus and additions as operations of their own."""
    found = {}
    for o, scaling in scalings(known).items():
        found[o._replace(kind=NORM)] = found[o._replace(kind=RELU)] = scaling
        found[o._replace(kind=ADD)] = 2.5 * scaling
    return found


def scalings(known: dict[Operation, float]) -> dict[Operation, float]:
    """Return the time to read, scale and write a map."""
    return {o: seconds for o, seconds in known.items() if o.kind == DEPTHWISE and (o.kernel_size, o.stride) == (1, 1)}


def operations(rows: list[Row], batch: int, fused: bool) -> dict[Operation, float]:
    """Return all operations of a profile, in seconds for one image."""
    known = measured(rows, batch)
    shortest = min(known.values())
    single = {**known, **wider(known)}
    every = {**single, **estimated(single, shortest, batch), **(additions(rows, batch) if fused else unfused(single))}
    return {o: seconds for o, seconds in every.items() if o.kind != DEPTHWISE or o.kernel_size > 1}
