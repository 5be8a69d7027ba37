"""The keys that a task reads: typed, and those of others refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import ClassVar, Protocol, TypeVar

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.config.plain import plain
from zen_lightning.config.schema import GROUPS, PLAIN, keys_of_tasks
from zen_lightning.errors import UserError, shortened
from zen_lightning.runs.overrides import Override, parse_overrides

K = TypeVar("K")

EVERYWHERE = (
    *("task", "experiment", "debug", "local", "logger", "launcher", "roots"),
    *("imports", "seed", "output_dir", "resume", "hydra"),
)
"""Groups and keys that hold for every task: what to run, where, under what name, and how it is tracked."""


_OF_TRAININGS = ("recipe", "trainer", "teacher", "distillation", "dataset")
"""Groups that trainings read; the others are those of searches."""

_PRECISION = ("trainer.precision", "dtype", "latency.dtype")
_DEVICE = ("trainer.accelerator", "device")
SPELLINGS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("max_epochs", "num_epochs", "num_train_epochs", "n_epochs", "nepochs", "max_steps"), ("recipe.epochs",)),
    **dict.fromkeys(("limit_train_batches", "limit_val_batches", "overfit_batches"), ("limit",)),
    "fast_dev_run": ("debug",),
    "profiler": ("debug",),
    "accumulate_grad_batches": ("recipe.accumulate",),
    "gradient_accumulation_steps": ("recipe.accumulate",),
    **dict.fromkeys(("gradient_clip_val", "clip_grad", "max_grad_norm", "grad_clip"), ("recipe.clip_norm",)),
    **dict.fromkeys(("check_val_every_n_epoch", "val_check_interval"), ("trainer.validate_every",)),
    "num_workers": ("trainer.loader_workers",),
    "dataloader_num_workers": ("trainer.loader_workers",),
    "patience": ("trainer.early_stopping.patience",),
    "early_stopping": ("trainer.early_stopping.patience",),
    "every_n_epochs": ("trainer.keep_every",),
    "gpus": ("trainer.devices",),
    "sync_bn": ("trainer.sync_batchnorm",),
    "learning_rate": ("recipe.lr",),
    **dict.fromkeys(("optimizer", "opt", "optim"), ("recipe.optimizer",)),
    **dict.fromkeys(("scheduler", "lr_scheduler", "sched", "lr_scheduler_type"), ("recipe.schedule",)),
    **dict.fromkeys(("model_ema", "model_ema_decay", "ema_decay"), ("recipe.ema",)),
    "smoothing": ("recipe.label_smoothing",),
    "wd": ("recipe.weight_decay",),
    "reprob": ("recipe.augmentation",),
    "aa": ("recipe.augmentation",),
    "auto_augment": ("recipe.augmentation",),
    "warmup_steps": ("recipe.warmup_epochs",),
    **dict.fromkeys(
        ("bs", "per_device_train_batch_size", "train_batch_size"), ("recipe.batch_size", "batch_size", "latency.batch_size")
    ),
    **dict.fromkeys(
        ("data_dir", "data_path", "datadir", "dataset_path", "dataset.path", "dataset.dir", "dataset.folder"), ("dataset.root",)
    ),
    **dict.fromkeys(("data", "datamodule", "dataset_name"), ("dataset",)),
    **dict.fromkeys(("val_split", "validation_split", "test_size"), ("dataset.val_fraction",)),
    **dict.fromkeys(
        ("model", "network", "model_name", "backbone", "architecture", "structure", "plainnet_struct"), ("arch", "start")
    ),
    **dict.fromkeys(("img_size", "image_size", "input_size", "input_image_size", "imgsz"), ("resolution",)),
    **dict.fromkeys(("ckpt_path", "resume_from_checkpoint", "resume_from"), ("resume",)),
    **dict.fromkeys(("checkpoint", "ckpt", "checkpoint_path", "initial_checkpoint"), ("weights",)),
    **dict.fromkeys(("default_root_dir", "save_dir", "log_dir", "out_dir", "work_dir"), ("output_dir",)),
    **dict.fromkeys(("seed_everything", "random_seed", "manual_seed"), ("seed",)),
    **dict.fromkeys(("amp", "fp16", "bf16", "half", "use_amp", "mixed_precision"), _PRECISION),
    **dict.fromkeys(("opset_version", "onnx_opset", "opset_v"), ("opset",)),
    **dict.fromkeys(("gpu", "cuda", "use_gpu", "no_cuda", "use_cuda"), _DEVICE),
}
"""What Lightning, timm, Hugging Face and templates around them call keys of ours: those that are meant, the first that the task
reads."""


class Reader(Protocol):
    """What reads keys: a task.

    Attributes:
        name: as in ``task=``.
        Keys: a dataclass: the keys at the root that it reads, those of :data:`~zen_lightning.config.schema.PLAIN` among them.
        groups: the groups that it reads; of ``"search.threads"``, that key alone.
        instead: for keys that people try, what they mean here.
    """

    name: ClassVar[str]
    Keys: ClassVar[type]
    groups: ClassVar[tuple[str, ...]]
    instead: ClassVar[Mapping[str, str]]


def read_keys(kind: type[K], config: DictConfig) -> K:
    """Return the keys of a task, typed.

    Args:
        kind: a dataclass whose fields are keys at the root of the configuration.
        config: the composed configuration.

    Raises:
        UserError: a value of another type, or one that is missing.
    """
    typed = OmegaConf.structured(kind)
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in config or OmegaConf.is_missing(config, field.name):
            continue
        try:
            typed = OmegaConf.merge(typed, {field.name: plain(config[field.name])})
        except OmegaConfBaseException as error:
            what, key = shortened(str(error.msg or error).splitlines()[0]), str(error.full_key or field.name)
            raise UserError(f"{key}: {what}", key=key) from error
    keys = OmegaConf.to_object(typed)
    assert isinstance(keys, kind)
    return keys


def foreign_keys(
    task: type[Reader], config: DictConfig, overrides: Sequence[str], passed: Sequence[type[Reader]] = ()
) -> Iterator[UserError]:
    """Yield what is wrong with the keys of a command: those that its task does not read, and those that no task has.

    Args:
        task: the task that is to read them.
        config: the composed configuration.
        overrides: the overrides of the command line. What an experiment, ``debug=`` or ``conf/local`` sets may be meant for
            others.
        passed: tasks of other commands that overrides are passed on to.
    """
    for override in parse_overrides(overrides):
        if not any(reads(one, override) for one in (task, *passed)):
            yield unknown_key(override.key, task, config)
    own = {field.name for field in fields(task.Keys)} | {*GROUPS, *PLAIN, *EVERYWHERE}
    strange = [str(key) for key in config if key not in own]
    known = keys_of_tasks() if strange else frozenset()
    for key in strange:
        if key not in known and key not in {one.root for one in parse_overrides(overrides)}:
            yield unknown_key(key, task, config)


def reads(task: type[Reader], override: Override) -> bool:
    """Whether a task reads what an override sets."""
    if override.root in EVERYWHERE or override.key.startswith("hydra"):
        return True
    if override.root in {field.name for field in fields(task.Keys)}:
        return True
    key = override.key.replace("/", ".")
    return any(key == group or key.startswith(f"{group}.") for group in task.groups)


def unknown_key(key: str, task: type[Reader], config: DictConfig) -> UserError:
    """Return the error for a key that a task does not read, with the one that is meant, or those that it has.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Keys:
        ...     arch: str = ""
        >>> class Train:
        ...     name, groups, instead, Keys = "train", ("recipe",), {}, Keys
        >>> print(unknown_key("epochs", Train, OmegaConf.create({"recipe": {"epochs": 3}})))
        unknown key epochs; did you mean 'recipe.epochs'?
    """
    own = [field.name for field in fields(task.Keys)]
    groups = list(dict.fromkeys([*task.groups, "logger", "debug", "experiment", "launcher"]))
    there = OmegaConf.select(config, key, throw_on_missing=False) is not None
    what = f"task={task.name} does not read {key}" if there else f"unknown key {key}"
    known = [*own, *groups, *_leaves(task.groups, config)]
    root = key.partition(".")[0]
    is_of_others = root in config and root not in {one.partition(".")[0] for one in known}
    everywhere = ("seed", "output_dir", "resume")
    spelled = next((one for one in spellings(key) if one in (*known, *everywhere) and not is_of_others), None)
    meant = task.instead.get(key) or (task.instead.get(root) if is_of_others else None) or spelled or _meant(key, known)
    if meant:
        return UserError(f"{what}; did you mean {meant!r}?", key=key)
    others = [str(root) for root in config if isinstance(config.get(root), DictConfig) and root not in EVERYWHERE]
    elsewhere = None if there else _meant(key, _leaves(others, config))
    if elsewhere:
        example = "train" if elsewhere.partition(".")[0] in _OF_TRAININGS else "search"
        return UserError(f"{what}; {elsewhere} is for other tasks, such as task={example}", key=key)
    listed = ", ".join(["task", *own, "seed", "output_dir", "resume", *groups])
    return UserError(f"{what}. The keys and groups of task={task.name} are: {listed}", key=key)


def spellings(key: str) -> tuple[str, ...]:
    """Return the keys that are meant by one in the spelling of other programs; none for another key.

    Example:
        >>> spellings("trainer.max-epochs"), spellings("recipe.lr")
        (('recipe.epochs',), ())
    """
    spelt = key.replace("-", "_").lower()
    return SPELLINGS.get(spelt, SPELLINGS.get(spelt.rpartition(".")[2], ()))


def _meant(key: str, known: list[str]) -> str | None:
    """Return the key that is meant: called the same in a group, or with a similar spelling."""
    key = key.replace("-", "_").lower()
    name = key.rpartition(".")[2]
    same = [one for one in known if one.rpartition(".")[2] == name and one != key]
    if same:
        return same[0]
    names = {one.rpartition(".")[2]: one for one in reversed(known)}
    near = get_close_matches(key, known, n=1, cutoff=0.75) or [
        names[one] for one in get_close_matches(name, list(names), n=1, cutoff=0.75)
    ]
    return near[0] if near else None


def _leaves(groups: Sequence[str], config: DictConfig) -> list[str]:
    """Return the keys one group down."""
    found = []
    for group in groups:
        root, _, name = group.partition(".")
        node = config.get(root)
        if name:
            found.append(group)
        elif isinstance(node, DictConfig):
            found += [f"{root}.{key!s}" for key in node if key not in ("_target_", "name")]
    return found
