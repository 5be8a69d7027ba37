"""``task=analyze``: what an architecture costs, stage by stage."""

from pathlib import Path

from omegaconf import DictConfig

from zen_lightning.errors import UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.report.files import write_json
from zen_lightning.report.network import stage_table
from zen_lightning.tasks.architecture_source import read_architecture
from zen_lightning.tasks.provenance import git_commit, versions


def run(config: DictConfig, folder: Path) -> float:
    """Print the stages of ``arch=`` and its Zen-score in closed form, and write ``result.json``.

    Returns:
        the Zen-score.

    Raises:
        UserError: ``arch`` is missing or names no architecture.
    """
    if config.arch is None:
        raise UserError("task=analyze needs arch=: a structure, a file that holds one, or the folder of a run")
    architecture = read_architecture(config.arch, "arch")
    batch, running = ZenClosedForm(config.resolution).readings(architecture)
    stage_table(architecture, config.resolution, config.num_classes).print()
    print(f"\nZen-score in closed form: {running:.3f} (running variance), {batch:.3f} (batch variance)")
    result = {
        "structure": str(architecture),
        "params": architecture.num_params(config.num_classes),
        "flops": architecture.flops(config.resolution, config.num_classes),
        "layers": architecture.num_layers,
        "zen_running": running,
        "zen_batch": batch,
        "resolution": config.resolution,
        "num_classes": config.num_classes,
        "stages": [row._asdict() for row in architecture.summary(config.resolution, config.num_classes)],
        "versions": versions(),
        "git_commit": git_commit(),
    }
    write_json(folder / "result.json", result)
    return running
