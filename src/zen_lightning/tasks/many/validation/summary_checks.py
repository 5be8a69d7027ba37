"""What the tasks that look at networks or runs side by side, or run others, would refuse."""

from zen_lightning.tasks.many import aggregate, report, tune
from zen_lightning.tasks.many.tune_study import import_optuna
from zen_lightning.tasks.many.validation.trial import Trial
from zen_lightning.tasks.networks import compare
from zen_lightning.tasks.networks.proxies import read_proxies


def check_aggregate(trial: Trial) -> None:
    """Note what ``task=aggregate`` would refuse."""
    found = trial.ask("sweep", aggregate.runs_of)
    if found is not None:
        trial.tell("runs", f"{len(found.runs):,} with a result, {len(found.incomplete):,} without")


def check_compare(trial: Trial) -> None:
    """Note what ``task=compare`` would refuse."""
    networks = trial.ask("arch", compare.networks_of)
    if networks:
        trial.tell("networks", ", ".join(network.name for network in networks))
    trial.ask("proxies", read_proxies)


def check_report(trial: Trial) -> None:
    """Note what ``task=report`` would refuse."""
    runs = trial.ask("run", report.runs_of)
    if runs:
        trial.tell("reports of", ", ".join(str(run.path) for run in runs))


def check_tune(trial: Trial) -> None:
    """Note what ``task=tune`` would refuse."""
    trial.ask("tune", lambda config: import_optuna())
    plan = trial.ask("tune", tune.read_plan)
    if plan is not None:
        trial.tell("trials", f"{plan.trials:,} of task={plan.task}, by {plan.metric}")
        trial.tell("space", ", ".join(plan.space))
