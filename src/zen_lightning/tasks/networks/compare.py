"""``task=compare``: architectures side by side, and what changed from one to the next."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig, OmegaConf

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import counts
from zen_lightning.correlate.scoring import combined
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import RankedProxy
from zen_lightning.report.block_changes import BlockChange, block_changes
from zen_lightning.report.block_facts import BlockFacts, block_facts
from zen_lightning.report.stage_comparison import StageFacts, stage_comparison, stage_facts
from zen_lightning.report.terminal.compare_tables import ComparedScore, changes_lines, totals_table
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.search.open_pool import open_pool
from zen_lightning.system.files import write_csv, write_json
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.architecture_source import Setting, is_structure, read_architecture, read_setting
from zen_lightning.tasks.networks.checking import check_proxies
from zen_lightning.tasks.networks.proxies import read_proxies

_FILES = "compare.csv result.json"


class _Network(NamedTuple):
    source: str
    name: str
    architecture: BaseArchitecture
    setting: Setting

    @property
    def blocks(self) -> list[BlockFacts]:
        return block_facts(self.architecture, *self.setting)

    @property
    def stages(self) -> list[StageFacts]:
        return stage_facts(self.blocks, self.setting.resolution)

    @property
    def totals(self) -> dict[str, int]:
        return counts(self.architecture, *self.setting)


def run(config: DictConfig, folder: Path, command: Command) -> None:
    """Show the architectures of ``arch=`` side by side, and write ``compare.csv`` and ``result.json``.

    Resolution, classes and squeeze-and-excitation are each network's own, as for ``task=analyze``; they are scored by
    ``proxies=`` with these too.

    Raises:
        UserError: ``arch`` names fewer than two architectures, or none where it should, or a proxy ranks networks among each
            other that are for different images.
    """
    networks = networks_of(config, command)
    scores = _scores(config, command, networks)
    steps = [(old, new, block_changes(old.blocks, new.blocks)) for old, new in itertools.pairwise(networks)]
    _write(config, folder, networks, scores, steps)
    totals_table([(network.name, network.totals) for network in networks], scores).print()
    for score in scores:
        if score.error:
            print(f"{score.proxy} cannot score {networks[score.network].name}: {score.error}")
    print()
    stage_comparison([(str(number), network.stages) for number, network in enumerate(networks, start=1)]).print()
    for old, new, changes in steps:
        print(f"\nWhat changed from {old.name} to {new.name}")
        for line in changes_lines(changes):
            print(f"  {line}")
    print()
    print(f"in {folder}: {_FILES}")


def networks_of(config: DictConfig, command: Command = NO_COMMAND) -> list[_Network]:
    """Return the networks of ``arch=``; errors as for :func:`run`."""
    wanted = OmegaConf.to_container(config.arch) if OmegaConf.is_config(config.arch) else config.arch
    sources = [str(source) for source in wanted] if isinstance(wanted, list) else []
    if len(sources) < 2:
        raise UserError(
            "task=compare needs arch='[A,B]': two or more, each a structure, a name of the zoo, a file, or the folder of a run"
        )
    names = _names(sources)
    return [
        _Network(source, name, read_architecture(source, "arch"), read_setting(config, command, source))
        for source, name in zip(sources, names, strict=True)
    ]


def _names(sources: Sequence[str]) -> list[str]:
    """Return a short name for each source; where two would be alike, the sources themselves, or numbers.

    Example:
        >>> _names(["runs/one", "A(3,8)", "net.txt"]), _names(["a/net.txt", "b/net.txt"])
        (['one', 'network 2', 'net'], ['a/net.txt', 'b/net.txt'])
    """
    short = [
        f"network {number}" if is_structure(source) else Path(source.strip()).expanduser().stem or source
        for number, source in enumerate(sources, start=1)
    ]
    if len(set(short)) == len(short):
        return short
    if len(set(sources)) == len(sources) and not any(map(is_structure, sources)):
        return list(sources)
    return [f"{name} ({number})" for number, name in enumerate(short, start=1)]


def _scores(config: DictConfig, command: Command, networks: Sequence[_Network]) -> list[ComparedScore]:
    """Return the score of each network by each proxy, those of one proxy next to each other."""
    settings = list(dict.fromkeys(network.setting[:2] for network in networks))
    found: list[ComparedScore] = []
    for resolution, num_classes in settings:
        own = config.copy()
        own.resolution, own.num_classes = resolution, num_classes
        proxies = read_proxies(own, command)
        members = [place for place, network in enumerate(networks) if network.setting[:2] == (resolution, num_classes)]
        for proxy in proxies:
            if isinstance(proxy.proxy, RankedProxy) and len(settings) > 1:
                raise UserError(
                    f"{proxy.label} ranks networks among each other, and these are for different images: say by resolution= "
                    "and num_classes= which to score them all with"
                )
        with open_pool([proxy.proxy for proxy in proxies], own.seed, own.workers, own.device) as pool:
            tickets = [[pool.submit(networks[place].architecture, which) for place in members] for which in range(len(proxies))]
            for proxy, row in zip(proxies, tickets, strict=True):
                outcomes = [pool.result(ticket) for ticket in row]
                values = combined(proxy.proxy, outcomes).values
                for place, value, outcome in zip(members, values, outcomes, strict=True):
                    found.append(ComparedScore(proxy.label, place, value, outcome.error))
    labels = list(dict.fromkeys(score.proxy for score in found))
    return sorted(found, key=lambda score: (labels.index(score.proxy), score.network))


def _write(
    config: DictConfig,
    folder: Path,
    networks: Sequence[_Network],
    scores: Sequence[ComparedScore],
    steps: Sequence[tuple[_Network, _Network, list[BlockChange]]],
) -> None:
    rows = [(network.name, *stage) for network in networks for stage in network.stages]
    write_csv(folder / "compare.csv", ["network", "stage", *StageFacts._fields[1:]], rows)
    result: dict[str, Any] = {
        "task": "compare",
        "networks": [
            {
                "name": network.name,
                "source": network.source,
                "structure": str(network.architecture),
                **network.totals,
                **network.setting._asdict(),
                "stages": [stage._asdict() for stage in network.stages],
            }
            for network in networks
        ],
        "scores": [score._asdict() for score in scores],
        "changes": [
            {
                "from": old.name,
                "to": new.name,
                "blocks": [
                    {"kind": change.kind, "from": change.old, "to": change.new, "what": list(change.what)} for change in changes
                ],
            }
            for old, new, changes in steps
        ],
        "seed": config.seed,
        "versions": versions(),
        "git_commit": git_commit(),
    }
    write_json(folder / "result.json", result)


@dataclass
class CompareKeys:
    """The keys of ``task=compare``."""

    arch: Any = None
    proxies: Any = None
    resolution: int = 224
    num_classes: int = 1000
    use_se: bool | None = None
    device: str = "cpu"
    workers: Any = 1


class Compare(Task[CompareKeys]):
    """Shows architectures side by side."""

    name = "compare"
    Keys = CompareKeys
    groups = ("budget", "dataset", "search.threads")
    files = ("compare.csv", "result.json")

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and the networks."""
        networks = checks.ask("arch", lambda config: networks_of(config, self.command))
        if networks:
            checks.tell("networks", ", ".join(network.name for network in networks))
        check_proxies(checks)

    def run(self) -> None:
        """Compare them."""
        run(self.config, self.folder, self.command)
