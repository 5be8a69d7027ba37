"""``task=compare``: architectures side by side, and what changed from one to the next."""

from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig

from zen_lightning.api.comparison import Comparison, compare, compared_networks
from zen_lightning.config.plain import plain
from zen_lightning.errors import UserError, keyed
from zen_lightning.report.stage_comparison import StageFacts, stage_comparison
from zen_lightning.report.terminal.compare_tables import changes_lines, totals_table
from zen_lightning.report.terminal.wrapping import wrapped
from zen_lightning.runs.names import RESULT
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.value_types import Classes, Pixels, Proxies, Texts, Workers
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.architecture_source import setting_arguments
from zen_lightning.tasks.networks.checking import check_proxies
from zen_lightning.tasks.networks.proxies import proxies_of

TABLE = "compare.csv"


@dataclass
class CompareKeys:
    """The keys of ``task=compare``."""

    arch: Texts | None = None
    proxies: Proxies | None = None
    resolution: Pixels = 224
    num_classes: Classes = 1000
    use_se: bool | None = None
    device: str = "cpu"
    workers: Workers = 1


class Compare(Task[CompareKeys]):
    """Shows architectures side by side.

    Resolution, classes and squeeze-and-excitation are each network's own, as for ``task=analyze``; they are scored by
    ``proxies=`` with these too.
    """

    name = "compare"
    Keys = CompareKeys
    groups = ("budget", "dataset")
    files = (TABLE, RESULT)
    sections = ("comparison.comparison",)

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and the networks."""
        networks = checks.ask(
            "arch", lambda config: compared_networks(_sources(config), **setting_arguments(config, self.command))
        )
        if networks:
            checks.tell("networks", ", ".join(network.name for network in networks))
        check_proxies(checks)

    def run(self) -> None:
        """Show the architectures of ``arch=`` side by side, and write ``compare.csv`` and ``result.json``.

        Raises:
            UserError: ``arch`` names fewer than two architectures, or none where it should, or a proxy ranks networks among
                each other that are for different images.
        """
        config = self.config
        with keyed({"archs": "arch"}):
            found = compare(
                _sources(config),
                proxies_of(config, self.command),
                **setting_arguments(config, self.command),
                seed=config.seed,
                workers=config.workers,
                device=config.device,
            )
        rows = [(network.name, *stage) for network in found.networks for stage in network.stages]
        write_csv(self.folder / TABLE, ["network", "stage", *StageFacts._fields[1:]], rows)
        self.leave(_content(found))
        _show(found)
        print(f"\n{self.listed()}")


def _sources(config: DictConfig) -> list[str]:
    """Return what ``arch=`` names.

    Raises:
        UserError: fewer than two.
    """
    wanted = plain(config.arch, resolve=False)
    if not isinstance(wanted, list) or len(wanted) < 2:
        remedy = "two or more, each a structure, a name of the zoo, a file, or the folder of a run"
        raise UserError("task=compare needs arch='[A,B]'", key="arch", remedy=remedy)
    return [str(source) for source in wanted]


def _content(found: Comparison) -> dict[str, Any]:
    return {
        "networks": [
            {
                "name": network.name,
                "source": network.source,
                "structure": str(network.architecture),
                **network.counts,
                **network.setting._asdict(),
                **network.recorded,
                "stages": [stage._asdict() for stage in network.stages],
            }
            for network in found.networks
        ],
        "scores": [score._asdict() for score in found.scores],
        "changes": [
            {
                "from": step.old.name,
                "to": step.new.name,
                "blocks": [
                    {"kind": change.kind, "from": change.old, "to": change.new, "what": list(change.what)}
                    for change in step.blocks
                ],
            }
            for step in found.steps
        ],
    }


def _show(found: Comparison) -> None:
    rows = [(one.name, {**one.counts, "resolution": one.setting.resolution, **one.recorded}) for one in found.networks]
    totals_table(rows, found.scores).print()
    for score in found.scores:
        if score.error:
            print(f"{score.proxy} cannot score {found.networks[score.network].name}: {score.error}")
    print()
    stage_comparison([(str(number), network.stages) for number, network in enumerate(found.networks, start=1)]).print()
    for step in found.steps:
        print(f"\nWhat changed from {step.old.name} to {step.new.name}")
        for line in changes_lines(step.blocks):
            print(wrapped(line, indent=2))
