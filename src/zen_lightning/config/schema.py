"""The typed schema of ``conf/``: its groups, and the keys beside them that several tasks read."""

from dataclasses import dataclass, fields, make_dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf

from zen_lightning.api.budget import JUDGES
from zen_lightning.budget import KINDS
from zen_lightning.budget.amount import Amount
from zen_lightning.latency.settings import DTYPES, ENGINES
from zen_lightning.system.annotations import fields_of
from zen_lightning.system.conf_dir import conf_dir
from zen_lightning.system.schema import Number
from zen_lightning.system.value_ranges import OneOf
from zen_lightning.system.value_types import (
    AnyMapping,
    BatchSize,
    BatchSizes,
    Bounds,
    Classes,
    Cores,
    Count,
    CountFrom0,
    Layers,
    LoaderWorkers,
    Minutes,
    Pixels,
    Positive,
    Seconds,
    Seed,
    Texts,
    Workers,
)
from zen_lightning.system.yaml_files import read_yaml


@dataclass
class TaskConfig:
    """What to do.

    Attributes:
        name: as in ``task=``.
        _target_: dotted path of its class.
    """

    name: str = MISSING
    _target_: str = MISSING


@dataclass
class SearchConfig:
    """How to search; see ``conf/search/zen.yaml``. What a search does not say is as the original has it."""

    name: str = MISSING
    optimizer: str = "evolution"
    iterations: CountFrom0 = 480_000
    minutes: Minutes | None = None
    population_size: Count = 512
    restarts: Count = 1
    processes: Cores | None = 1
    in_flight: Count | None = None
    threads: Cores | None = 1
    max_tries: Count = 10_000
    finalists: CountFrom0 = 0
    rerank: dict[str, Any] | None = None
    moves: dict[str, str] | None = None


BudgetConfig = make_dataclass(
    "BudgetConfig",
    [
        ("name", str, MISSING),
        *((kind.name, Annotated[Any, Amount(kind)] | None, None) for kind in KINDS),
        ("own", AnyMapping | None, None),
        ("depths", Layers | None, None),
        ("layers_by", Annotated[str, OneOf(JUDGES)], "calibrated"),
    ],
)
"""What a network may cost, a key for each kind of cost; null lifts a limit. Values are read by the kinds."""

BUDGET_FIELDS = tuple(field.name for field in fields(BudgetConfig))
"""The keys of ``budget``."""


@dataclass
class ShapeConfig:
    """What a network must look like; null demands nothing. See docs/shapes.md."""

    widths: str | None = None
    layers_each_stage: Bounds | None = None
    effectiveness: Positive | None = None
    largest_share: Annotated[float, Number(above=0, high=1)] | None = None


@dataclass
class DepthConfig:
    """The short training that chooses the depth with ``budget.layers_by=training``; see docs/shapes.md.

    Attributes:
        epochs: epochs of each training.
        images: training images at most; None: all.
        batch_size: images a step.
        lr: learning rate for each 256 images of a batch.
        seeds: trainings of each network.
        resolution: height and width of the images; None: those of the search.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    """

    epochs: Count = 8
    images: Count | None = 50_000
    batch_size: BatchSize = 64
    lr: Positive = 0.6
    seeds: Count = 1
    resolution: Pixels | None = None
    device: str = "auto"


@dataclass
class LatencyConfig:
    """How networks are run to be timed, or the profile that their latency is predicted from; see ``conf/latency``.

    Attributes:
        device: the device that a search with ``budget.latency_ms`` times its candidates on.
        dtype: the dtype of weights and images; None: the default of the device.
        batch_size: images a pass, or a list of counts; None: likewise.
        profile: the profile that latency is predicted from.
        without_gpu: the profile that a search predicts from where ``device`` is not here.
        calibrate: whether a search measures a few networks first, and corrects the profile by them.
        fold: whether batch norms become part of the convolutions before them.
        channels_last: memory format.
        threads: the threads of a CPU.
        engine: ``torch`` or ``onnxruntime``.
        compile: through ``torch.compile``.
        cuda_graph: each pass replayed as one CUDA graph.
        measure_seconds: how many seconds passes are timed for, for each network and batch size.
    """

    device: str = "cuda"
    dtype: Annotated[str, OneOf(DTYPES)] | None = "float16"
    batch_size: BatchSizes | None = 64
    profile: str | None = None
    without_gpu: str | None = None
    calibrate: bool = True
    fold: bool = True
    channels_last: bool = True
    threads: Cores | None = None
    engine: Annotated[str, OneOf(ENGINES)] = "torch"
    compile: bool = False
    cuda_graph: bool = False
    measure_seconds: Seconds = 2.0


@dataclass
class DebugConfig:
    """What ``debug=`` changes besides other keys; see ``conf/debug``.

    Attributes:
        name: as in ``debug=``.
        val_batches: validation batches at most; None: all.
        loss_below: what the training loss must fall to; None: it may be anything.
        profile: whether to write where the time goes.
        trace_steps: steps of a training that are traced then.
    """

    name: str | None = None
    val_batches: Count | None = None
    loss_below: Positive | None = None
    profile: bool = False
    trace_steps: Annotated[int, Number(1, 1000, whole=True)] = 5


@dataclass
class TrainerConfig:
    """The keys of ``trainer`` beside those of :class:`~zen_lightning.training.machine.Machine`; see ``conf/trainer``.

    Attributes:
        loader_workers: processes that read and augment images, for each process that trains; ``auto``: one for each core.
        loader_prefetch: batches that each of them reads ahead.
        checkpoint_steps: steps between two checkpoints within an epoch; None: after each epoch alone.
        checkpoint_minutes: minutes between two of them; None: likewise.
        validate_every: epochs between two validations.
        keep_every: epochs between two checkpoints that stay; None: last and best alone.
    """

    loader_workers: LoaderWorkers = "auto"
    loader_prefetch: Cores = 2
    checkpoint_steps: Count | None = None
    checkpoint_minutes: Minutes | None = 10
    validate_every: Count = 1
    keep_every: Count | None = None


@dataclass
class RootConfig:
    """The keys at the root that several tasks read.

    Attributes:
        seed: of all that is drawn.
        device: the device that networks run on.
        workers: processes that score: a count, ``auto`` or ``ray``.
        imports: modules of the user.
        resume: the folder of the run that is continued.
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        start: the structure that a search starts from.
        output_dir: the folder of the run.
    """

    seed: Seed = 0
    device: str = "cpu"
    workers: Workers = 1
    imports: Texts | None = None
    resume: str | None = None
    resolution: Pixels = MISSING
    num_classes: Classes = MISSING
    start: str = MISSING
    output_dir: str = MISSING


GROUPS: dict[str, type | None] = {
    "task": TaskConfig,
    "search_space": None,
    "proxy": None,
    "search": SearchConfig,
    "budget": BudgetConfig,
    "dataset": None,
    "recipe": None,
    "trainer": None,
    "logger": None,
    "teacher": None,
    "shape": ShapeConfig,
    "depth": DepthConfig,
    "latency": LatencyConfig,
    "debug": DebugConfig,
    "roots": None,
    "launcher": None,
}
"""Mappings at the root, with the keys that each has; None where those are for the class that its ``_target_`` names."""

PLAIN = tuple(field.name for field in fields(RootConfig) if field.name != "imports")
"""Keys at the root that several tasks read. The other keys of a task are those of its own YAML, typed by the class."""


def schema_type(key: str) -> Any:
    """Return the type that the schema declares for a key; None for a key that is declared elsewhere.

    Example:
        >>> schema_type("seed") is Seed, schema_type("search.moves.mobilenet"), schema_type("recipe.lr")
        (True, <class 'str'>, None)
    """
    group, _, rest = key.partition(".")
    name, _, entry = rest.partition(".")
    kind = GROUPS.get(group) if name else RootConfig
    found = fields_of(kind).get(name or group) if kind is not None else None
    if not entry:
        return found
    return next((get_args(one)[1] for one in (found, *get_args(found)) if get_origin(one) is dict), None)


def root() -> DictConfig:
    """Return the root of the configuration, typed as far as it is the same for every task."""
    config = OmegaConf.create({group: OmegaConf.structured(kind) if kind else {} for group, kind in GROUPS.items()})
    typed = OmegaConf.structured(RootConfig)
    for field in fields(RootConfig):
        config[field.name] = typed._get_node(field.name)
    return config


def store() -> None:
    """Make the schema known to Hydra, and ``keys: of_all_tasks``: for tasks that pass on what others read."""
    store = ConfigStore.instance()
    if "schema.yaml" in store.repo:
        return
    store.store(name="schema", node=root())
    store.store(group="keys", name="of_all_tasks", node=dict.fromkeys(sorted(keys_of_tasks())), package="_global_")


@cache
def keys_of_tasks() -> frozenset[str]:
    """Return the keys at the root that the YAMLs of the shipped tasks have."""
    found: set[str] = set()
    for path in (conf_dir() / "task").glob("*.yaml"):
        content = read_yaml(path)
        found |= set(content) if isinstance(content, dict) else set()
    return frozenset(found - {"defaults", *GROUPS, *PLAIN})
