"""The typed schema of ``conf/``, and the one place that makes objects of it."""

import inspect
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from hydra import compose
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.utils import get_object
from omegaconf import MISSING, DictConfig, OmegaConf

from zen_lightning.errors import UserError, keyed, nearest

T = TypeVar("T")
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
Count = int | float | str


@dataclass
class TaskConfig:
    """What to do.

    Attributes:
        name: as in ``task=``.
        run: dotted path of the function that does it.
    """

    name: str = MISSING
    run: str = MISSING


@dataclass
class SearchConfig:
    """How to search; see ``conf/search/zen.yaml``. What a search does not say is as the original has it."""

    name: str = MISSING
    optimizer: str = "evolution"
    iterations: int = 480_000
    population_size: int = 512
    restarts: int = 1
    processes: int | None = 1
    in_flight: int | None = None
    threads: int | None = 1
    max_tries: int = 10_000
    finalists: int = 0
    rerank: dict[str, Any] | None = None


@dataclass
class BudgetConfig:
    """What a network may cost; null lifts a limit."""

    name: str = MISSING
    params: Count | None = None
    flops: Count | None = None
    layers: int | str | None = None
    latency_ms: float | None = None
    depths: Any = None


@dataclass
class ShapeConfig:
    """What a network must look like; null demands nothing. See docs/shapes.md."""

    widths: str | None = None
    layers_each_stage: Any = None
    effectiveness: float | None = None
    largest_share: float | None = None


@dataclass
class LatencyConfig:
    """How ``budget.latency_ms`` is measured, or the profile that it is predicted from."""

    device: str = "cuda"
    dtype: str = "float16"
    batch_size: int = 64
    profile: str | None = None
    calibrate: bool = True


@dataclass
class ExtentConfig:
    """How much ``task=profile`` measures; null is what the device brings."""

    flops: list[float] | None = None
    drawn: int | None = None
    fitted: int | None = None
    held_out: int | None = None
    networks_from: int | None = None
    operation_seconds: float | None = None
    network_seconds: float | None = None


@dataclass
class DebugConfig:
    """What ``debug=`` changes beside other keys; see ``conf/debug``.

    Attributes:
        name: as in ``debug=``.
        val_batches: validation batches at most; None: all.
        loss_below: what the training loss must come down to; None: it may be anything.
        profile: whether to write where the time goes.
    """

    name: str | None = None
    val_batches: int | None = None
    loss_below: float | None = None
    profile: bool = False


@dataclass
class TuneConfig:
    """How ``task=tune`` looks for settings; see ``conf/task/tune.yaml``."""

    task: str = "train"
    metric: str = "val_top1"
    direction: str = "maximize"
    space: Any = None
    overrides: Any = None
    trials: int = 20
    sampler: str = "tpe"
    pruner: str = "auto"
    startup_trials: int = 5
    warmup_epochs: int = 1


@dataclass
class Config:
    """The whole configuration."""

    task: TaskConfig = field(default_factory=TaskConfig)
    search_space: dict[str, Any] = field(default_factory=dict)
    proxy: dict[str, Any] = field(default_factory=dict)
    search: SearchConfig = field(default_factory=SearchConfig)
    budget: BudgetConfig = field(default_factory=BudgetConfig)
    dataset: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    trainer: dict[str, Any] = field(default_factory=dict)
    logger: dict[str, Any] = field(default_factory=dict)
    teacher: dict[str, Any] = field(default_factory=dict)
    distillation: dict[str, Any] = field(default_factory=dict)
    shape: ShapeConfig = field(default_factory=ShapeConfig)
    latency: LatencyConfig = field(default_factory=LatencyConfig)
    debug: DebugConfig = field(default_factory=DebugConfig)
    roots: dict[str, Any] = field(default_factory=dict)
    launcher: dict[str, Any] = field(default_factory=dict)
    resolution: int = MISSING
    num_classes: int = MISSING
    start: str = MISSING
    seed: int = 0
    device: str = "cpu"
    workers: int | str = 1
    arch: Any = None
    run: Any = None
    use_se: bool | None = None
    weights: str | None = None
    download: bool = False
    limit: int | None = None
    eval_batch_size: int = 128
    crop_size: int | None = None
    batch_size: Any = None
    dtype: str | None = None
    channels_last: bool = True
    threads: int | None = None
    engine: str = "torch"
    compile: bool = False
    cuda_graph: bool = False
    measure_seconds: float = 2.0
    output: str | None = None
    extent: ExtentConfig = field(default_factory=ExtentConfig)
    stages: Any = None
    format: Any = None
    fold: bool = True
    random_weights: bool = False
    objectives: Any = None
    structures: int = 12
    rescore: bool = False
    proxies: Any = None
    accuracies: str | None = None
    accuracy: str | None = None
    sample: int | None = None
    bootstrap: int | None = None
    within: Any = None
    given: Any = None
    budgets: Any = None
    best: int = 10
    sweep: Any = None
    metrics: Any = None
    by: Any = None
    tune: TuneConfig = field(default_factory=TuneConfig)
    resume: str | None = None
    output_dir: str = MISSING


def register() -> None:
    """Make the schema and the resolvers known to Hydra."""
    ConfigStore.instance().store(name="schema", node=Config)
    OmegaConf.register_new_resolver("run_suffix", lambda: secrets.token_hex(4), use_cache=True, replace=True)
    OmegaConf.register_new_resolver("sanitize", sanitize, replace=True)
    OmegaConf.register_new_resolver("proxy_images", proxy_images, replace=True)
    OmegaConf.register_new_resolver("experiment_name", experiment_name, replace=True)


def sanitize(name: str) -> str:
    """Return a name that can be a folder: overrides may hold slashes, quotes and whole structures.

    Example:
        >>> sanitize("arch='Super(3,8,1,1)',seed=1")
        'arch=Super_3_8_1_1_seed=1'
    """
    return re.sub(r"[^A-Za-z0-9=.+-]+", "_", name.replace("'", "")).strip("_")[:120]


def conf_dir() -> Path:
    """Return the folder of the shipped configuration: in the installed package, or beside ``src`` in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "conf", package.parents[1] / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise UserError("the configuration folder conf/ is missing: install zen-lightning again")


def proxy_named(config: DictConfig, name: str, overrides: Mapping[str, Any]) -> DictConfig:
    """Return the node of a proxy beside the one of ``proxy=``: its YAML, found where Hydra finds configuration.

    Args:
        config: the composed configuration, which the YAML's interpolations refer to; it stays as it is.
        name: of the YAML, in ``conf/proxy`` or in the folder ``proxy`` of a ``--config-dir``.
        overrides: keyword arguments instead of those in the YAML.

    Raises:
        UserError: there is no such YAML.
    """
    loader = GlobalHydra.instance().config_loader()
    known = loader.get_group_options("proxy")
    if name not in known:
        raise UserError(f"there is no proxy {name!r}{nearest(name, known) or '.'} The proxies are: {', '.join(known)}")
    whole = config.copy()
    OmegaConf.set_struct(whole, False)
    whole.proxy = compose(f"proxy/{name}").proxy
    whole.proxy.update(overrides)
    node = whole.proxy
    assert isinstance(node, DictConfig)
    return node


def experiment_name() -> str:
    """Return the name that ``experiment=`` chose, or ``pipeline``."""
    from hydra.core.hydra_config import HydraConfig

    return str(HydraConfig.get().runtime.choices.get("experiment") or "pipeline")


FOLDER_DATASETS = ("image_folder", "imagenet")
"""Datasets whose root is a folder that proxies can read."""


def proxy_images(name: str, root: str | None) -> str | None:
    """Return the folder whose images proxies are computed on, by the name and the root of the dataset; None for noise."""
    return root if name in FOLDER_DATASETS else None


def check_proxy_images(config: Any, nodes: Sequence[Any]) -> None:
    """Raise a UserError where proxies read images, and the dataset has no folder of class folders for them.

    Args:
        config: the composed configuration.
        nodes: those of the proxies.
    """
    name, root = config.dataset.name, config.dataset.root
    if name == "noise" and root is None:
        return
    wanted = "dataset=image_folder, or no dataset.root" if root is not None else "dataset.root=DIR, a folder of class folders"
    if name == "noise" or (name == "image_folder" and root is None):
        raise UserError(f"dataset={name} dataset.root={root if root is not None else 'null'}: expected {wanted}")
    if name not in FOLDER_DATASETS and any("images" in node for node in nodes):
        raise UserError(
            f"dataset={name}: proxies read images from class folders: choose dataset=image_folder dataset.root=DIR, or "
            "dataset=noise"
        )


def build(node: Any, key: str) -> Any:
    """Make the object that a node with ``_target_`` describes, after checking its arguments.

    Args:
        node: a mapping: ``_target_`` and keyword arguments.
        key: where it is in the configuration, for the error.

    Raises:
        UserError: an argument that the class does not have, one that is missing, or a value that it refuses.
    """
    target, arguments = target_of(node, key)
    return make(target, arguments, key)


def target_of(node: Any, key: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Return what a node with ``_target_`` names, and its arguments; errors as for :func:`build`."""
    plain = OmegaConf.to_container(node, resolve=True) if isinstance(node, DictConfig) else dict(node)
    assert isinstance(plain, dict)
    if "_target_" not in plain:
        raise UserError(f"{key} has no _target_: the class to make")
    try:
        target = get_object(plain["_target_"])
    except Exception as error:
        raise UserError(f"{key}._target_={plain['_target_']}: cannot be imported ({error})") from error
    return target, {str(name): value for name, value in plain.items() if name != "_target_"}


def make(target: Callable[..., T], arguments: Mapping[str, Any], key: str) -> T:
    """Call a class, or a function, with arguments of the configuration, after checking them.

    Args:
        target: to call.
        arguments: by name.
        key: where they are in the configuration, for the error.

    Raises:
        UserError: an argument that the target does not have, one that is missing, or a value that it refuses.
    """
    for problem in argument_problems(target, arguments, key):
        raise UserError(problem)
    with keyed(key):
        return target(**arguments)


def argument_problems(target: Callable[..., Any], arguments: Mapping[str, Any], key: str) -> list[str]:
    """Return all that is wrong with arguments, as far as the signature of their target tells: a sentence each.

    Args:
        target: a class or a function.
        arguments: by name.
        key: where they are in the configuration.

    Example:
        >>> for problem in argument_problems(nearest, {"word": 3, "knwon": []}, "x"):
        ...     print(problem)
        unknown key x.knwon; did you mean 'known'? nearest has word, known
        x.word=3: expected a str
        x.known is missing: nearest needs it
    """
    parameters = inspect.signature(target).parameters
    named = {name: parameter for name, parameter in parameters.items() if parameter.kind not in _VARIADIC}
    takes_any = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    problems = []
    for name in arguments:
        if name not in named and not takes_any:
            known = ", ".join(named) or "no arguments"
            hint = nearest(name, list(named)) or "."
            problems.append(f"unknown key {key}.{name}{hint} {_name(target)} has {known}")
    for name, parameter in named.items():
        if parameter.default is inspect.Parameter.empty and name not in arguments:
            problems.append(f"{key}.{name} is missing: {_name(target)} needs it")
        if name in arguments and not _has_type(arguments[name], parameter.annotation):
            kind = parameter.annotation.__name__
            problems.append(f"{key}.{name}={arguments[name]}: expected {'an' if kind == 'int' else 'a'} {kind}")
    return problems


def _name(target: Callable[..., Any]) -> str:
    return str(getattr(target, "__name__", target))


def _has_type(value: Any, annotation: Any) -> bool:
    """Whether a value fits a plain annotation; others are left to the class."""
    if annotation is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return not (annotation in (str, bool) and not isinstance(value, annotation))
