"""``task=analyze``: what an architecture costs, stage by stage."""

from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig

from zen_lightning import zoo
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.report.estimate import estimate_figures, estimate_lines
from zen_lightning.report.terminal.network import stage_table
from zen_lightning.runs.command import Command
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.system.files import write_json
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.architecture_source import read_architecture, read_setting
from zen_lightning.tasks.networks.checking import tell_architecture


def run(config: DictConfig, folder: Path, command: Command) -> float | None:
    """Print the stages of ``arch=`` and its Zen-score in closed form, and write ``result.json``.

    Resolution and classes are those of the run where ``arch`` is the folder of one, and those published where it is a name of
    the zoo, unless the command says otherwise.

    Returns:
        the Zen-score, or None where there is no closed form.

    Raises:
        UserError: ``arch`` is missing or names no architecture.
    """
    check_asked(config)
    architecture = read_architecture(config.arch, "arch")
    resolution, num_classes, use_se = read_setting(config, command, config.arch)
    stage_table(architecture, resolution, num_classes, use_se).print()
    if use_se:
        published = ", as it was published" if config.arch.strip() in zoo.names() else ""
        print(f"\nwith squeeze-and-excitation{published}")
    batch = running = None
    try:
        batch, running = ZenClosedForm(resolution).readings(architecture)
        print(f"\nZen-score in closed form: {running:.3f} (running variance), {batch:.3f} (batch variance)")
    except CannotScoreError as error:
        print(f"\nno Zen-score in closed form: {error}")
    estimate = estimate_figures(architecture, resolution, num_classes)
    for line in estimate_lines(estimate) if estimate else ():
        print(line)
    result = {
        "structure": str(architecture),
        "params": architecture.num_params(num_classes, use_se),
        "flops": architecture.flops(resolution, num_classes, use_se),
        "layers": architecture.num_layers,
        "zen_running": running,
        "zen_batch": batch,
        "resolution": resolution,
        "num_classes": num_classes,
        "use_se": use_se,
        "estimate": estimate,
        "stages": [row._asdict() for row in architecture.summary(resolution, num_classes, use_se)],
        "versions": versions(),
        "git_commit": git_commit(),
    }
    write_json(folder / "result.json", result)
    return running


def check_asked(config: DictConfig) -> None:
    """Raise a UserError where the command names no architecture."""
    if not isinstance(config.arch, str):
        raise UserError("task=analyze needs arch=: one structure, name of the zoo, file, or folder of a run")


@dataclass
class AnalyzeKeys:
    """The keys of ``task=analyze``."""

    arch: str | None = None
    resolution: int = 224
    num_classes: int = 1000
    use_se: bool | None = None


class Analyze(Task[AnalyzeKeys]):
    """Shows what an architecture costs, stage by stage."""

    name = "analyze"
    Keys = AnalyzeKeys
    groups = ("budget",)
    files = ("result.json",)

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and the network."""
        checks.ask("arch", check_asked)
        tell_architecture(checks)

    def run(self) -> float | None:
        """Analyze it; the Zen-score is returned where there is one."""
        return run(self.config, self.folder, self.command)
