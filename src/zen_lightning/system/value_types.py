"""Types of values that users give, each with its range: what keys of the configuration are annotated with.

A range stands once, in the annotation: ``epochs: Count = 1440`` is an int for Python, and a whole number of 1 or more for
whoever checks the configuration.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from zen_lightning.system.schema import Number, Plain
from zen_lightning.system.value_ranges import MAPPING, NULL, TEXT, AnyOf, Entries, Items, Named, OneOf

_MANY = 2**31
"""Most of anything that is counted. A choice: more than any memory holds."""

_LARGEST = 1e12
"""Of numbers whose size has no meaning of its own, such as weights. A choice: what is computed from them stays finite."""

Count = Annotated[int, Number(1, _MANY, whole=True)]
CountFrom0 = Annotated[int, Number(0, _MANY, whole=True)]
Pixels = Annotated[int, Number(1, 2**16, whole=True)]
Classes = Annotated[int, Number(1, 2**24, whole=True)]
Channels = Annotated[int, Number(1, 2**16, whole=True)]
BatchSize = Annotated[int, Number(1, 2**24, whole=True)]
Gpus = Annotated[float, Number(0, 4096)]
WholeGpus = Annotated[int, Number(0, 4096, whole=True)]
Cores = Annotated[int, Number(1, 4096, whole=True)]
Seed = Annotated[int, Number(0, 2**32 - 1, whole=True)]
"""What NumPy's generators and Lightning take."""

ShareAbove0 = Annotated[float, Number(above=0, high=1)]
Share = Annotated[float, Number(0, 1)]
ShareBelow1 = Annotated[float, Number(0, below=1)]
Positive = Annotated[float, Number(above=0, high=_LARGEST)]
From0 = Annotated[float, Number(0, _LARGEST)]
Finite = Annotated[float, Number(-_LARGEST, _LARGEST)]
Minutes = Annotated[float, Number(0, 1e6)]
Seconds = Annotated[float, Number(0, 86_400)]
WHOLE = Number(1, _MANY, whole=True)
Bounds = Annotated[Any, Named(AnyOf((WHOLE, Items(AnyOf((WHOLE, NULL))))), "[least,most], such as [2,6], or the least alone")]
"""The least, or the least and the most."""

_BATCH = Number(1, 2**24, whole=True)
BatchSizes = Annotated[Any, Named(AnyOf((_BATCH, Items(_BATCH))), "a count of images, or a list of counts")]
Layers = Annotated[Any, Named(Items(WHOLE), "a list of numbers of layers, such as [10,14,18]")]
LoaderWorkers = Annotated[Any, Named(AnyOf((Number(0, 4096, whole=True), OneOf(("auto",)))), "auto, or 0 or more")]
_DEVICES = "a number from 1, auto for all, or a list of device numbers such as [0,1]"
Devices = Annotated[Any, Named(AnyOf((Number(-1, 4096, whole=True), TEXT, Items(Number(0, 4095, whole=True)))), _DEVICES)]
GpuNumbers = Annotated[Sequence[int | str], Named(Items(AnyOf((Number(0, 4095, whole=True), TEXT))), "a list, such as '[0,1]'")]
"""GPUs as ``CUDA_VISIBLE_DEVICES`` names them: by number, or by name."""

_WORKERS = "a count of 1 or more, auto (one for each GPU or core) or ray"
Workers = Annotated[Any, Named(AnyOf((Number(1, 4096, whole=True), OneOf(("auto", "ray")))), _WORKERS)]
_PROXIES = "a list such as '[zen,naswot]' or '[{name: naswot, batch_size: 32}]'"
Proxies = Annotated[Any, Named(AnyOf((TEXT, MAPPING, Items(AnyOf((TEXT, MAPPING))))), _PROXIES)]
Mappings = Annotated[
    Any, Named(AnyOf((MAPPING, Items(MAPPING))), "costs such as {flops: 10%}, or a list of these; [] for none")
]
CostBounds = Annotated[Any, Named(MAPPING, "a cost and its bounds, such as {flops: [300M, 400M]}; {} for none")]
Stages = Annotated[Any, Plain((list,), "a list of stages, each with a name and overrides")]
AnyMapping = Annotated[Any, MAPPING]
WEIGHTS = AnyOf((TEXT, Items(Number(0, _LARGEST)), Entries(Number(0, _LARGEST))))
Images = Annotated[Any, Named(AnyOf((TEXT, Items(TEXT))), "a folder of images, a list of images, or the name of a dataset")]
_FORMATS = "the name of a format, or a list of names such as '[onnx,torch_export]'"
Formats = Annotated[Any, Named(AnyOf((TEXT, Items(TEXT))), _FORMATS)]
PercentagePoints = Annotated[float, Named(Number(0, 100), "percentage points, from 0 to 100")]
ClassName = Annotated[Any, Named(AnyOf((TEXT, Number(0, _MANY, whole=True))), "a name or a whole number")]
"""The name of a class: YAML reads a folder called ``7`` as a number."""

_ONE_NETWORK = "one structure, name of the zoo, file, or folder of a run"
_SEVERAL = " (task=compare, task=latency and task=score take several)"
OneNetwork = Annotated[str, Named(TEXT, _ONE_NETWORK, _SEVERAL)]
Names = Annotated[Any, Named(AnyOf((TEXT, Items(TEXT))), "a name, or a list of names")]
Overrides = Annotated[Any, Named(AnyOf((TEXT, Items(TEXT))), "a list of overrides such as '[distillation.logit_weight=0]'")]
Texts = Annotated[Any, AnyOf((TEXT, Items(TEXT)))]
"""One text, or a list of some."""
