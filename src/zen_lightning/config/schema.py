"""The typed schema of ``conf/``: its groups, and the keys beside them that several tasks read."""

from dataclasses import dataclass, fields, make_dataclass
from functools import cache
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, AnyNode, DictConfig, IntegerNode, OmegaConf, StringNode

from zen_lightning.budget import KINDS
from zen_lightning.system.conf_dir import conf_dir
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
    iterations: int = 480_000
    minutes: float | None = None
    population_size: int = 512
    restarts: int = 1
    processes: int | None = 1
    in_flight: int | None = None
    threads: int | None = 1
    max_tries: int = 10_000
    finalists: int = 0
    rerank: dict[str, Any] | None = None
    moves: dict[str, str] | None = None


BudgetConfig = make_dataclass(
    "BudgetConfig",
    [
        ("name", str, MISSING),
        *((kind.name, Any, None) for kind in KINDS),
        ("own", Any, None),
        ("depths", Any, None),
        ("layers_by", str, "calibrated"),
    ],
)
"""What a network may cost, a key for each kind of cost; null lifts a limit. Values are read by the kinds themselves."""

BUDGET_FIELDS = tuple(field.name for field in fields(BudgetConfig))
"""The keys of ``budget``."""


@dataclass
class ShapeConfig:
    """What a network must look like; null demands nothing. See docs/shapes.md."""

    widths: str | None = None
    layers_each_stage: Any = None
    effectiveness: float | None = None
    largest_share: float | None = None


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

    epochs: int = 8
    images: int | None = 50_000
    batch_size: int = 64
    lr: float = 0.6
    seeds: int = 1
    resolution: int | None = None
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
    dtype: str | None = "float16"
    batch_size: Any = 64
    profile: str | None = None
    without_gpu: str | None = None
    calibrate: bool = True
    fold: bool = True
    channels_last: bool = True
    threads: int | None = None
    engine: str = "torch"
    compile: bool = False
    cuda_graph: bool = False
    measure_seconds: float = 2.0


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
    val_batches: int | None = None
    loss_below: float | None = None
    profile: bool = False
    trace_steps: int = 5


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

PLAIN = ("seed", "device", "workers", "resume", "resolution", "num_classes", "start", "output_dir")
"""Keys at the root that several tasks read. The other keys of a task are those of its own YAML, typed by the class."""


def root() -> DictConfig:
    """Return the root of the configuration, typed as far as it is the same for every task."""
    config = OmegaConf.create({group: OmegaConf.structured(kind) if kind else {} for group, kind in GROUPS.items()})
    config["seed"] = IntegerNode(0, is_optional=False)
    config["device"] = StringNode("cpu", is_optional=False)
    config["workers"] = AnyNode(1)
    config["imports"] = AnyNode(None)
    config["resume"] = StringNode(None)
    for key in ("resolution", "num_classes"):
        config[key] = IntegerNode(MISSING, is_optional=False)
    for key in ("start", "output_dir"):
        config[key] = StringNode(MISSING, is_optional=False)
    return config


def store() -> None:
    """Make the schema known to Hydra, and ``keys: of_all_tasks``: for tasks that pass on what others read."""
    store = ConfigStore.instance()
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
