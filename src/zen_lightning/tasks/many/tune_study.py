"""The study of ``task=tune``: what Optuna knows of the trials, kept in a journal in the run's folder."""

import contextlib
import hashlib
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.runs.names import STUDY
from zen_lightning.system.journal import changes, cut, read_lines
from zen_lightning.system.locks import lock, lock_file
from zen_lightning.system.ordinary_file import holds_file

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler

SAMPLERS = ("tpe", "random")
PRUNERS = ("median", "hyperband", "none")
JOURNAL = Path(STUDY)

_NAME = "tuning"
_IDENTITY = "identity"
_MENDED = {"tune.metric", "tune.pruner"}


class Pruning(NamedTuple):
    """How trials are stopped early.

    Attributes:
        pruner: ``median`` (worse than half of the others after as many epochs), ``hyperband`` or ``none``.
        startup_trials: finished trials before ``median`` stops any.
        warmup_epochs: the warmup epochs that every trial gets.
        epochs: the epochs of a whole training.
    """

    pruner: str
    startup_trials: int
    warmup_epochs: int
    epochs: int


def import_optuna() -> Any:
    """Return the package, with its log messages turned off.

    Raises:
        MissingExtraError: Optuna is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise MissingExtraError("optuna", "tune", "task=tune") from None
    optuna.logging.set_verbosity(logging.WARNING)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna


def choice(value: Any, known: tuple[str, ...], key: str) -> str:
    """Return a value that is one of those known.

    Raises:
        UserError: it is none of them.
    """
    if value not in known:
        raise UserError(key=key, value=value, choices=known)
    return str(value)


@contextlib.contextmanager
def owned_study(folder: Path, identity: dict[str, Any], direction: str) -> Iterator["Study"]:
    """Give the study of a folder, new or continued, to this process alone; trials report to it by :func:`load_study`.

    Args:
        folder: the folder of the tuning.
        identity: what makes it this tuning; a flat mapping.
        direction: ``maximize`` or ``minimize``.

    Raises:
        UserError: another process has the study, or it is one of another tuning.
    """
    optuna = import_optuna()
    path = folder / JOURNAL
    path.parent.mkdir(parents=True, exist_ok=True)
    with lock_file(path.parent / ".lock") as file:
        lock(file, path, "tuning in this folder is still running; wait for it")
        mend(folder)
        study = optuna.create_study(
            storage=_storage(folder),
            study_name=_NAME,
            direction=direction,
            load_if_exists=True,
            pruner=optuna.pruners.NopPruner(),
        )
        _check(study, folder, identity)
        yield study


def load_study(folder: Path, pruning: Pruning) -> "Study":
    """Return the study of a folder as a trial of it needs it: to report values and to ask whether to stop."""
    optuna = import_optuna()
    study: Study = optuna.load_study(
        study_name=_NAME, storage=_storage(folder), sampler=optuna.samplers.RandomSampler(), pruner=_pruner(pruning)
    )
    return study


def mend(folder: Path) -> None:
    """Clear what a kill has left in a journal that nobody else has open: a line cut short, and Optuna's own lock."""
    path = folder / JOURNAL
    if not holds_file(path):
        return
    with path.open("r+b") as file:
        end = read_lines(file, path, "Start a new tuning in another output_dir").end
        if end < file.tell():  # Not the size: a trial on another machine, which outlived its tuning, may add a line.
            cut(file, end)
    path.with_name(path.name + ".lock").unlink(missing_ok=True)


def seeded_sampler(name: str, seed: int, number: int, among_others: bool = False) -> "BaseSampler":
    """Return a sampler for one trial: what it draws depends on the seed, the trial and those that have ended.

    Args:
        name: the name of :data:`SAMPLERS`.
        seed: the seed of the tuning.
        number: the number of the trial.
        among_others: whether other trials are running: TPE then keeps away from their values ("constant liar", Ginsbourger et
            al., 2010, https://doi.org/10.1007/978-3-642-10701-6_6).
    """
    optuna = import_optuna()
    digest = int.from_bytes(hashlib.sha256(f"{seed}/{number}".encode()).digest()[:4], "big")
    sampler: BaseSampler = (
        optuna.samplers.TPESampler(seed=digest, constant_liar=among_others)
        if name == "tpe"
        else optuna.samplers.RandomSampler(seed=digest)
    )
    return sampler


def _storage(folder: Path) -> Any:
    from zen_lightning.tasks.many.study_file import StudyFile

    return import_optuna().storages.JournalStorage(StudyFile(folder / JOURNAL))


def _pruner(pruning: Pruning) -> Any:
    pruners = import_optuna().pruners
    if pruning.pruner == "hyperband":
        return pruners.HyperbandPruner(min_resource=max(1, pruning.warmup_epochs), max_resource=pruning.epochs)
    if pruning.pruner == "median":
        return pruners.MedianPruner(n_startup_trials=pruning.startup_trials, n_warmup_steps=pruning.warmup_epochs)
    return pruners.NopPruner()


def _check(study: "Study", folder: Path, identity: dict[str, Any]) -> None:
    now = json.loads(json.dumps(identity))
    before = study.user_attrs.get(_IDENTITY)
    if before is not None:
        differing = changes(before, now)
        # A metric that the first result did not have may be mended; which pruner is possible depends on it.
        if set(differing) <= _MENDED and not any(trial.state.is_finished() for trial in study.get_trials(deepcopy=False)):
            differing = {}
        if differing:
            what = f"{folder} holds another tuning: {'; '.join(differing.values())}"
            raise UserError(what, key="output_dir", remedy="choose another output_dir")
    if before != now:
        study.set_user_attr(_IDENTITY, now)
