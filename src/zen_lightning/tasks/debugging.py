"""What ``debug=`` does besides changing keys: a profile of the run, fewer validation batches, a verdict on the loss."""

import cProfile
import io
import os
import pstats
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from zen_lightning.errors import UserError
from zen_lightning.runs.overrides import last_value
from zen_lightning.system.conf_dir import conf_dir
from zen_lightning.system.files import write_text
from zen_lightning.system.yaml_files import read_yaml

PROFILE = "profile.txt"
_running: cProfile.Profile | None = None
_MOST = 40
"""Functions in each table of ``profile.txt``. A choice: about a screen."""

_OWN = rf"^{re.escape(str(Path(__file__).parents[1]) + os.sep)}"
"""Pattern of the functions of this project. Its name alone is also that of many a folder around an environment of libraries."""

_PARTS = (
    ("Of this project, by the time in a function and in what it calls", "cumulative", (_OWN,)),
    ("All, by the time in a function and in what it calls", "cumulative", ()),
    ("All, by the time in a function itself", "tottime", ()),
)


@contextmanager
def profiled(config: DictConfig, folder: Path) -> Iterator[None]:
    """Write where the time of this process went to ``profile.txt``, if ``debug.profile`` says so.

    Stages of a pipeline are processes of their own, and write their own.
    """
    if not config.debug.profile or config.get("stages") or os.environ.get("LOCAL_RANK", "0") != "0":
        yield
        return
    global _running
    _running = profiler = cProfile.Profile()
    profiler.enable()
    try:
        yield
    finally:
        profiler.disable()
        _running = None
        write_text(folder / PROFILE, _report(profiler))
        print(f"where the time went: {folder / PROFILE}", flush=True)


def step_aside(begins: bool) -> None:
    """Let another profiler measure alone: from ``begins=True`` until ``begins=False``, :func:`profiled` takes no times."""
    if _running is not None:
        if begins:
            _running.disable()
        else:
            _running.enable()


def trainer_options(config: DictConfig, folder: Path) -> dict[str, Any]:
    """Return the options of the trainer besides the machine and the recipe; see ``make_trainer``."""
    options: dict[str, Any] = {"val_batches": config.debug.val_batches}
    if config.debug.profile:
        from pytorch_lightning.profilers import SimpleProfiler

        options["profiler"] = SimpleProfiler(dirpath=folder, filename=Path(PROFILE).stem)
    return options


def check_learned(config: DictConfig, loss: float, folder: Path) -> None:
    """Say whether the network has overfitted the training images, where ``debug.loss_below`` asks for it.

    Args:
        config: the composed configuration.
        loss: the loss of the classifier, in the last epoch.
        folder: the folder of the run.

    Raises:
        UserError: it has not.
    """
    limit = config.debug.loss_below
    if limit is None:
        return
    if not loss < limit:
        images = config.limit or "the"
        what = (
            f"the training loss fell only to {loss:.4f}, so {images} images were not memorised in "
            f"{config.recipe.epochs} epochs (the run is in {folder})"
        )
        remedy = f"look at the images and labels of dataset={config.dataset.name}, change recipe.lr, or raise recipe.epochs"
        raise UserError(what, key="debug.loss_below", value=f"{limit:g}", remedy=remedy)
    print(f"memorised: the training loss fell to {loss:.4f}, below {limit:g}")


def debugged_keys(overrides: Sequence[str], folders: Sequence[Path] = ()) -> set[str]:
    """Return the keys that the YAML of ``debug=`` sets; none without it.

    Args:
        overrides: the overrides of the command line.
        folders: the configuration folders that are searched besides the shipped one.
    """
    choice = last_value(overrides, "debug")
    return _keys_of(choice, [folder / "debug" for folder in (*folders, conf_dir())]) if choice else set()


def _keys_of(choice: str, places: Sequence[Path]) -> set[str]:
    path = next((place / f"{choice}.yaml" for place in places if (place / f"{choice}.yaml").is_file()), None)
    content = read_yaml(path) if path is not None else None
    if not isinstance(content, dict):
        return set()
    inherited = [entry for entry in content.pop("defaults", []) if isinstance(entry, str) and entry != "_self_"]
    return _leaves(content).union(*(_keys_of(one, places) for one in inherited))


def _leaves(content: Mapping[Any, Any], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in content.items():
        found |= _leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}"}
    return found


def _report(profiler: cProfile.Profile) -> str:
    parts = []
    for title, order, only in _PARTS:
        stream = io.StringIO()
        pstats.Stats(profiler, stream=stream).sort_stats(order).print_stats(*only, _MOST)
        parts.append(f"{title}\n{stream.getvalue().rstrip()}\n")
    return "\n\n".join(parts)
