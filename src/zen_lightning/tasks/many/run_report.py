"""Leaves ``report.html`` and ``network.svg`` in the folder of a run."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.errors import UserError
from zen_lightning.report.html.reading import architecture_of, blocks_of
from zen_lightning.report.html.report import REPORT, build_report
from zen_lightning.report.network_drawing import draw_network
from zen_lightning.runs.command_record import RECORD, read_record
from zen_lightning.runs.run_folder import RunFolder, read_result
from zen_lightning.system.files import write_text
from zen_lightning.system.processes import is_main_process

DRAWING = "network.svg"

_HYDRA = ".hydra"
_WITHOUT = ("report",)
_NOT_ASKED = ("output_dir", "resume")


def leave_report(folder: Path, task: str) -> None:
    """Write the report of a run that has just ended; what goes wrong with it is a sentence, and does not fail the run.

    Args:
        folder: of the run.
        task: what was run.
    """
    if not is_main_process() or task in _WITHOUT or not (folder / "result.json").is_file():
        return
    try:
        path = write_report(folder)
    except Exception as error:
        print(f"no {REPORT}: {type(error).__name__}: {error}")
    else:
        print(f"report: {path}")


def write_report(folder: Path) -> Path:
    """Write ``report.html``, and ``network.svg`` where the run is about a network; return the path of the report.

    Args:
        folder: of a finished run; nothing but its files is needed.

    Raises:
        UserError: there is no finished run in the folder.
    """
    run = read_run(folder)
    architecture = architecture_of(run)
    if architecture is not None:
        drawing = draw_network(blocks_of(run, architecture), run.result["resolution"], str(architecture))
        write_text(folder / DRAWING, drawing + "\n")
    write_text(folder / REPORT, build_report(run))
    return folder / REPORT


def read_run(folder: Path) -> RunFolder:
    """Return the files of a run with the command that reproduces it; errors as for :func:`write_report`."""
    result = read_result(folder)
    settings = _read_yaml(folder / _HYDRA / "config.yaml")
    plain = settings if isinstance(settings, dict) else {}
    task = result.get("task") or (plain.get("task") or {}).get("name") or _guess(folder, result)
    return RunFolder(folder, str(task), result, tuple(_overrides(folder)), plain, tuple(_folders(folder)))


def _folders(folder: Path) -> list[str]:
    """Return the folders of ``--config-dir``, as Hydra recorded them."""
    found = _read_yaml(folder / _HYDRA / "hydra.yaml")
    sources = found["hydra"]["runtime"]["config_sources"] if isinstance(found, dict) else []
    return [source["path"] for source in sources if source["provider"] == "command-line"]


def _overrides(folder: Path) -> list[str]:
    """Return the overrides of a run: as recorded to continue it, or as Hydra recorded them."""
    if (folder / RECORD).is_file():
        try:
            return read_record(folder)
        except UserError:
            pass
    found = _read_yaml(folder / _HYDRA / "overrides.yaml")
    listed = [str(override) for override in found] if isinstance(found, list) else []
    return [override for override in listed if override.lstrip("+").partition("=")[0] not in _NOT_ASKED]


def _read_yaml(path: Path) -> Any:
    """Return what a file of Hydra's record holds, references unresolved; None where it cannot be read."""
    try:
        loaded = OmegaConf.load(path)
    except Exception:  # YAML's errors share no class with OmegaConf's.
        return None
    return OmegaConf.to_container(loaded) if isinstance(loaded, DictConfig) or OmegaConf.is_list(loaded) else None


def _guess(folder: Path, result: dict[str, Any]) -> str:
    """Return the task of a folder without Hydra's record."""
    if (folder / "front.csv").is_file():
        return "pareto"
    if (folder / "correlations.csv").is_file():
        return "correlate"
    if "iterations" in result:
        return "search"
    return "score" if "scores" in result else "analyze"
