"""``task=analyze``: what an architecture costs, stage by stage."""

import json
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from zen_lightning.errors import UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.report.files import write_json
from zen_lightning.report.network import stage_table
from zen_lightning.tasks.architecture_source import read_architecture
from zen_lightning.tasks.provenance import git_commit, versions


def run(config: DictConfig, folder: Path) -> float:
    """Print the stages of ``arch=`` and its Zen-score in closed form, and write ``result.json``.

    Resolution and classes are those of the run where ``arch`` is the folder of one, unless the command says otherwise.

    Returns:
        the Zen-score.

    Raises:
        UserError: ``arch`` is missing or names no architecture.
    """
    if config.arch is None:
        raise UserError("task=analyze needs arch=: a structure, a file that holds one, or the folder of a run")
    architecture = read_architecture(config.arch, "arch")
    resolution, num_classes = _setting(config)
    if min(resolution, num_classes) < 1:
        raise UserError(f"resolution={resolution} num_classes={num_classes}: expected 1 or more")
    batch, running = ZenClosedForm(resolution).readings(architecture)
    stage_table(architecture, resolution, num_classes).print()
    print(f"\nZen-score in closed form: {running:.3f} (running variance), {batch:.3f} (batch variance)")
    result = {
        "structure": str(architecture),
        "params": architecture.num_params(num_classes),
        "flops": architecture.flops(resolution, num_classes),
        "layers": architecture.num_layers,
        "zen_running": running,
        "zen_batch": batch,
        "resolution": resolution,
        "num_classes": num_classes,
        "stages": [row._asdict() for row in architecture.summary(resolution, num_classes)],
        "versions": versions(),
        "git_commit": git_commit(),
    }
    write_json(folder / "result.json", result)
    return running


def _setting(config: DictConfig) -> tuple[int, int]:
    """Return resolution and classes: as given, or of the run whose folder ``arch`` is."""
    said = {override.lstrip("+").partition("=")[0] for override in HydraConfig.get().overrides.task}
    record = Path(config.arch).expanduser() / "result.json"
    if "(" in config.arch or said & {"budget", "experiment"} or not record.is_file():
        return config.resolution, config.num_classes
    try:
        run = json.loads(record.read_text(encoding="utf-8"))
    except ValueError:
        return config.resolution, config.num_classes
    found = [config[key] if key in said else run.get(key, config[key]) for key in ("resolution", "num_classes")]
    return found[0], found[1]
