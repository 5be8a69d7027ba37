"""The typed schema of ``conf/``, and the one place that makes objects of it."""

import inspect
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.utils import get_object
from omegaconf import MISSING, DictConfig, OmegaConf

from zen_lightning.errors import UserError, nearest

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
    """How to search; see ``conf/search/zen.yaml``."""

    name: str = MISSING
    iterations: int = MISSING
    population_size: int = MISSING
    restarts: int = MISSING
    processes: int | None = None
    max_tries: int = MISSING
    finalists: int = MISSING
    rerank: dict[str, Any] | None = None


@dataclass
class BudgetConfig:
    """What a network may cost; null lifts a limit."""

    name: str = MISSING
    params: Count | None = None
    flops: Count | None = None
    layers: int | None = None
    latency_ms: float | None = None


@dataclass
class LatencyConfig:
    """How ``budget.latency_ms`` is measured."""

    device: str = "cuda"
    dtype: str = "float16"
    batch_size: int = 64


@dataclass
class Config:
    """The whole configuration."""

    task: TaskConfig = field(default_factory=TaskConfig)
    search_space: dict[str, Any] = field(default_factory=dict)
    proxy: dict[str, Any] = field(default_factory=dict)
    search: SearchConfig = field(default_factory=SearchConfig)
    budget: BudgetConfig = field(default_factory=BudgetConfig)
    latency: LatencyConfig = field(default_factory=LatencyConfig)
    resolution: int = MISSING
    num_classes: int = MISSING
    start: str = MISSING
    seed: int = 0
    device: str = "cpu"
    arch: str | None = None
    resume: str | None = None
    output_dir: str = MISSING


def register() -> None:
    """Make the schema and the resolvers known to Hydra."""
    ConfigStore.instance().store(name="schema", node=Config)
    OmegaConf.register_new_resolver("run_suffix", lambda: secrets.token_hex(2), use_cache=True, replace=True)
    OmegaConf.register_new_resolver("sanitize", sanitize, replace=True)


def sanitize(name: str) -> str:
    """Return a name that can be a folder: overrides may hold slashes, quotes and whole structures.

    Example:
        >>> sanitize("arch='Super(3,8,1,1)',seed=1")
        'arch=Super_3_8_1_1_seed=1'
    """
    return re.sub(r"[^A-Za-z0-9=.+-]+", "_", name.replace("'", "")).strip("_")[:120]


def conf_dir() -> Path:
    """Return the folder of the shipped configuration: in the installed package, or beside ``src`` in a checkout."""
    package = Path(__file__).resolve().parent
    for folder in (package / "conf", package.parents[1] / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise UserError("the configuration folder conf/ is missing: install zen-lightning again")


def build(node: Any, key: str) -> Any:
    """Make the object that a node with ``_target_`` describes, after checking its arguments.

    Args:
        node: a mapping: ``_target_`` and keyword arguments.
        key: where it is in the configuration, for the error.

    Raises:
        UserError: an argument that the class does not have, one that is missing, or a value that it refuses.
    """
    plain = OmegaConf.to_container(node, resolve=True) if isinstance(node, DictConfig) else dict(node)
    assert isinstance(plain, dict)
    arguments = {str(name): value for name, value in plain.items() if name != "_target_"}
    if "_target_" not in plain:
        raise UserError(f"{key} has no _target_: the class to make")
    try:
        target = get_object(plain["_target_"])
    except Exception as error:
        raise UserError(f"{key}._target_={plain['_target_']}: cannot be imported ({error})") from error
    parameters = inspect.signature(target).parameters
    for name in arguments:
        if name not in parameters:
            known = ", ".join(parameters) or "no arguments"
            hint = nearest(name, list(parameters)) or "."
            raise UserError(f"unknown key {key}.{name}{hint} {target.__name__} has {known}")
    for name, parameter in parameters.items():
        if parameter.default is inspect.Parameter.empty and name not in arguments:
            raise UserError(f"{key}.{name} is missing: {target.__name__} needs it")
        if name in arguments and not _has_type(arguments[name], parameter.annotation):
            kind = parameter.annotation.__name__
            raise UserError(f"{key}.{name}={arguments[name]}: expected {'an' if kind == 'int' else 'a'} {kind}")
    return target(**arguments)


def _has_type(value: Any, annotation: Any) -> bool:
    """Whether a value fits a plain annotation; others are left to the class."""
    if annotation is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return not (annotation in (str, bool) and not isinstance(value, annotation))
