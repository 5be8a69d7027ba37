"""``task=score``: architectures by any proxies."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import counts
from zen_lightning.correlate.scoring import NamedProxy, combined
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import RankedProxy
from zen_lightning.report.terminal.score_table import ScoreRow, score_notes, score_table
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.search.open_pool import open_pool
from zen_lightning.search.pool import Outcome
from zen_lightning.system.files import write_json
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.architecture_source import Setting, read_architecture, read_setting, read_sources
from zen_lightning.tasks.networks.checking import check_proxies
from zen_lightning.tasks.networks.proxies import read_proxies


class Network(NamedTuple):
    """What is scored.

    Attributes:
        source: as the command names it.
        architecture: that it is.
    """

    source: str
    architecture: BaseArchitecture


def run(config: DictConfig, folder: Path, command: Command) -> float:
    """Score ``arch=``, one architecture or a list, by each of ``proxies=``; print a table and write ``result.json``.

    Resolution and classes are those of the run where ``arch`` is the folder of one, and those published where it is a name of
    the zoo, unless the command says otherwise. Proxies that rank do so among the architectures given.

    Returns:
        the first score of the table.

    Raises:
        UserError: ``arch`` is missing or names no architecture, those of a list were made for different images, or no proxy
            could score anything.
    """
    networks = networks_of(config, command)
    setting = common_setting(config, command, networks)
    config = config.copy()
    config.resolution, config.num_classes = setting.resolution, setting.num_classes
    proxies = read_proxies(config, command)
    rows = [row for proxy, outcomes in _score(config, networks, proxies) for row in _rows(proxy, networks, outcomes)]
    write_json(folder / "result.json", _result(config, networks, proxies, rows))
    score_table(rows, f"Scores at {setting.resolution} px, {setting.num_classes} classes", len(networks) > 1).print()
    for note in score_notes(rows):
        print(note)
    if setting.use_se:
        print("squeeze-and-excitation is left out, as in every zero-shot score of the original")
    print(f"in {folder}: result.json")
    found = [row.value for row in rows if row.value is not None]
    if not found:
        raise UserError(f"no proxy could score anything: {rows[0].error}")
    return found[0]


def networks_of(config: DictConfig, command: Command = NO_COMMAND) -> list[Network]:
    """Return the architectures of ``arch=``; errors as for :func:`run`."""
    return [Network(source, read_architecture(source, "arch")) for source in read_sources(config)]


def common_setting(config: DictConfig, command: Command, networks: list[Network]) -> Setting:
    """Return what all of them are looked at with; errors as for :func:`run`."""
    first, *others = networks
    setting = read_setting(config, command, first.source)
    for network in others:
        other = read_setting(config, command, network.source)
        for key in ("resolution", "num_classes"):
            mine, theirs = getattr(setting, key), getattr(other, key)
            if mine != theirs:
                raise UserError(
                    f"{first.source} has {key}={mine}, {network.source} {theirs}: say by {key}= which to score them all with"
                )
        setting = setting._replace(use_se=setting.use_se or other.use_se)
    return setting


def _score(config: DictConfig, networks: list[Network], proxies: list[NamedProxy]) -> list[tuple[NamedProxy, list[Outcome]]]:
    with open_pool([proxy.proxy for proxy in proxies], config.seed, config.workers, config.device) as pool:
        tickets = [[pool.submit(network.architecture, which) for network in networks] for which in range(len(proxies))]
        return [(proxy, [pool.result(ticket) for ticket in row]) for proxy, row in zip(proxies, tickets, strict=True)]


def _rows(proxy: NamedProxy, networks: list[Network], outcomes: list[Outcome]) -> list[ScoreRow]:
    """Return a row for each network, the highest score first."""
    ranked = isinstance(proxy.proxy, RankedProxy)
    alone = sum(outcome.score is not None for outcome in outcomes) < 2
    rows = []
    for network, outcome, value in zip(networks, outcomes, combined(proxy.proxy, outcomes).values, strict=True):
        names = proxy.proxy.part_names if isinstance(proxy.proxy, RankedProxy) else ()
        score = outcome.score
        rows.append(
            ScoreRow(
                proxy=proxy.label,
                source=network.source,
                structure=str(network.architecture),
                value=value,
                standard_error=score.standard_error if score else None,
                parts=dict(zip(names, score.parts, strict=False)) if score else {},
                ranked_alone=ranked and alone,
                seconds=outcome.seconds,
                error=outcome.error,
            )
        )
    return sorted(rows, key=lambda row: (row.value is None, -(row.value or 0.0)))


def _result(config: DictConfig, networks: list[Network], proxies: list[NamedProxy], rows: list[ScoreRow]) -> dict[str, Any]:
    return {
        "architectures": [
            {
                "source": network.source,
                "structure": str(network.architecture),
                **counts(network.architecture, config.resolution, config.num_classes),
            }
            for network in networks
        ],
        "scores": [row._asdict() for row in rows],
        "proxies": {proxy.label: proxy.settings for proxy in proxies},
        "resolution": config.resolution,
        "num_classes": config.num_classes,
        "seed": config.seed,
        "versions": versions(),
        "git_commit": git_commit(),
    }


@dataclass
class ScoreKeys:
    """The keys of ``task=score``."""

    arch: Any = None
    proxies: Any = None
    resolution: int = 224
    num_classes: int = 1000
    device: str = "cpu"
    workers: Any = 1


class ScoreNetworks(Task[ScoreKeys]):
    """Scores architectures by any proxies."""

    name = "score"
    Keys = ScoreKeys
    groups = ("budget", "dataset", "search.threads")
    files = ("result.json",)

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be scored."""
        networks = checks.ask("arch", lambda config: networks_of(config, self.command))
        if networks:
            checks.ask("arch", lambda config: common_setting(config, self.command, networks))
            checks.tell("networks", str(len(networks)))
        check_proxies(checks)

    def run(self) -> float:
        """Score them; the first score of the table is returned."""
        return run(self.config, self.folder, self.command)
