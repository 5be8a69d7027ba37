"""What runs were asked for, so that they can be told apart: overrides that vary, proxies that networks are from."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from zen_lightning.errors import UserError, nearest
from zen_lightning.runs.finding import Run
from zen_lightning.runs.hydra_record import HydraRecord
from zen_lightning.runs.result import ResultError, read_result
from zen_lightning.system.named_path import existing_path, home_path

SEED = "seed"
_OWN = ("task", "stage", "proxy", "dataset")
_STAGES = "stages"
_PLACES = (_STAGES, "output_dir", "resume", "tune", "sweep", "by", "metrics")
_NOT_GROUPED = ("logger",)
"""Groups of settings that do not affect a result."""
_HANDED_ON = 3
"""Most steps back from a network to its search: evaluated, distilled, trained, found."""


class RunSettings:
    """The settings of a run, by key.

    Args:
        run: the run.
        proxy: the proxy of the search that its network is from; empty where that is not known.
    """

    def __init__(self, run: Run, proxy: str) -> None:
        self.run = run
        self._own = {"task": run.task, "stage": run.stage, "proxy": proxy}

    def get(self, key: str) -> str:
        """Return a setting as text: asked for on the command line, or else composed; empty where there is none.

        ``proxy`` is that of the search that the network of the run is from, ``dataset`` the one that it saw.
        """
        if key in self._own:
            return self._own[key]
        if key == "dataset" and isinstance(self.run.result.get(key), str):
            return str(self.run.result[key])
        if key in self.run.overrides:
            return self.run.overrides[key]
        if key in self._hydra.choices:
            return self._hydra.choices[key]
        value = self._hydra.select(key)
        # A group that was not chosen here leaves its keys, which are no setting of its name.
        return "" if value is None or isinstance(value, dict) else str(value)

    def keys(self) -> list[str]:
        """Return what may be asked for."""
        known = dict.fromkeys([*_OWN, SEED, *self.run.overrides, *self._hydra.choices, *map(str, self._hydra.settings)])
        return [key for key in known if "@" not in key and key not in _PLACES]

    @cached_property
    def _hydra(self) -> HydraRecord:
        return HydraRecord(self.run.folder)


def settings_of(runs: Sequence[Run]) -> list[RunSettings]:
    """Return the settings of some runs, with the proxy that each network is from, traced among them and in other folders."""
    folders = {run.folder.resolve(): run for run in runs}
    found: dict[str, set[str]] = {}
    for run in runs:
        if "proxy" in run.result and isinstance(run.result.get("structure"), str):
            found.setdefault(run.result["structure"], set()).add(str(run.result["proxy"]))
    return [RunSettings(run, _proxy(run, folders, found)) for run in runs]


def varying(settings: Sequence[RunSettings]) -> list[str]:
    """Return the keys by which runs differ, except the seed: the tasks, the stages, and overrides in the order given.

    Pipelines whose stages are given as a whole differ in the proxy of their search, if they do.
    """
    keys = dict.fromkeys(["task", "stage", *(key for one in settings for key in one.run.overrides)])

    def differ(key: str) -> bool:
        return len({one.get(key) for one in settings}) > 1

    found = [key for key in keys if key != SEED and key.partition(".")[0] not in _NOT_GROUPED and differ(key)]
    tasks = {(one.run.stage, one.run.task) for one in settings}
    if all(stage for stage, _ in tasks) and len(tasks) == len({stage for stage, _ in tasks}):
        found = [key for key in found if key != "task"]  # The stage says it.
    return list(dict.fromkeys("proxy" if key == _STAGES and differ("proxy") else key for key in found))


def check_keys(wanted: Sequence[str], settings: Sequence[RunSettings]) -> None:
    """Raise a UserError where no run has a setting of that name."""
    for key in wanted:
        if not any(one.get(key) for one in settings):
            known = list(dict.fromkeys(name for one in settings for name in one.keys() if one.get(name)))  # noqa: SIM118
            hint = nearest(key, known) or "."
            raise UserError(f"by: no run has a setting {key!r}{hint} They have: {', '.join(known)}")


def _proxy(run: Run, folders: Mapping[Path, Run], found: Mapping[str, set[str]]) -> str:
    """Return the proxy that a network was found by, or nothing where that is not known."""
    result, place, arch, is_stage = run.result, run.folder, run.arch, bool(run.stage)
    for _ in range(_HANDED_ON):
        if isinstance(result.get("proxy"), str):
            return str(result["proxy"])
        source = _source(place, arch, is_stage)
        if source is None:
            break
        known = folders.get(source.resolve())
        try:
            result = known.result if known is not None else read_result(source)
        except ResultError:
            break
        place, arch = source, known.arch if known is not None else str(result.get("arch") or "")
        is_stage = known is not None and bool(known.stage)
    proxies = found.get(str(run.result.get("structure")), set())
    return next(iter(proxies)) if len(proxies) == 1 else ""


def _source(folder: Path, arch: str, is_stage: bool) -> Path | None:
    """Return the folder of the run that a network is from: as named, or beside a stage, also where all was moved."""
    named = home_path(arch)
    places = [folder.parent / named.name, named] if is_stage else [named]
    for place in [existing_path(str(place)) for place in places if arch]:
        if place is not None and place.is_dir() and place.resolve() != folder.resolve():
            return place
    return None
