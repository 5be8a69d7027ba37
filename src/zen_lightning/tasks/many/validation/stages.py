"""Validates the stages of a pipeline, each as a command of its own."""

from collections.abc import Callable
from pathlib import Path

from hydra.core.hydra_config import HydraConfig

from zen_lightning.tasks.many.pipeline import Stage, read_stages
from zen_lightning.tasks.many.validation.trial import Trial

Validate = Callable[[list[str], Path, dict[str, str]], "Trial | None"]


def check_stages(trial: Trial, validate: Validate) -> None:
    """Note what the stages of a pipeline would refuse; what an earlier stage will find is taken for its start.

    Args:
        trial: of the pipeline.
        validate: notes what is wrong with a command, given its overrides, its folder, and structures promised by folder.
    """
    passed = list(HydraConfig.get().overrides.task)
    stages = trial.ask("stages", lambda config: read_stages(config, trial.folder, passed))
    promised: dict[str, str] = {}
    for stage in stages or []:
        examined = _examine(trial, stage, validate, promised)
        if examined is not None:
            promised[str(trial.folder / stage.name)] = _structure(examined, promised)


def _examine(trial: Trial, stage: Stage, validate: Validate, promised: dict[str, str]) -> Trial | None:
    before = len(trial.problems.found)
    examined = validate(stage.overrides, trial.folder / stage.name, promised)
    found = trial.problems.found
    found[before:] = [problem._replace(key=f"{stage.name}: {problem.key}") for problem in found[before:]]
    if examined is not None:
        trial.tell(f"stage {stage.name}", f"task={examined.config.task.name}")
        for heading, text in examined.summary:
            trial.tell(f"  {heading}", text)
    return examined


def _structure(examined: Trial, promised: dict[str, str]) -> str:
    """Return a structure of the kind that a stage will leave."""
    source = examined.config.arch
    if isinstance(source, str):
        return promised.get(source.strip(), source)
    return str(examined.config.start)
