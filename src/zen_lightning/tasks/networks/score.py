"""``task=score``: any architectures by any proxies."""

from dataclasses import dataclass

from omegaconf import DictConfig

from zen_lightning.api.scores import SourcedNetwork, common_setting, score_networks
from zen_lightning.budget import counts
from zen_lightning.correlate.network_score import NetworkScore
from zen_lightning.errors import UserError
from zen_lightning.report.terminal.score_table import score_notes, score_table
from zen_lightning.runs.names import RESULT
from zen_lightning.system.value_types import Classes, Pixels, Proxies, Texts, Workers
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.architecture_source import read_architecture, read_setting, read_sources
from zen_lightning.tasks.networks.checking import check_proxies
from zen_lightning.tasks.networks.proxies import proxies_of


@dataclass
class ScoreKeys:
    """The keys of ``task=score``."""

    arch: Texts | None = None
    proxies: Proxies | None = None
    resolution: Pixels = 224
    num_classes: Classes = 1000
    device: str = "cpu"
    workers: Workers = 1


class ScoreNetworks(Task[ScoreKeys]):
    """Scores architectures by any proxies.

    Resolution and classes are those of the run where ``arch`` is the folder of one, and those published where it is a name of
    the zoo, unless the command says otherwise. Proxies that rank do so among the architectures given.
    """

    name = "score"
    Keys = ScoreKeys
    groups = ("budget", "dataset")
    files = (RESULT,)
    sections = ("scores.scores", "scores.scored_networks")

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be scored."""
        networks = checks.ask("arch", self._networks)
        if networks:
            checks.ask("arch", lambda config: common_setting(self._networks(config)))
            checks.tell("networks", str(len(networks)))
        check_proxies(checks)

    def run(self) -> float:
        """Score ``arch=``, one architecture or a list, by each of ``proxies=``; print a table and write ``result.json``.

        Returns:
            the first score of the table.

        Raises:
            UserError: ``arch`` is missing or names no architecture, those of a list were made for different images, or no
                proxy could score anything.
        """
        config, networks = self.config, self._networks(self.config)
        setting = common_setting(networks)
        scores = score_networks(
            networks, proxies_of(config, self.command), seed=config.seed, workers=config.workers, device=config.device
        )
        labels = list(dict.fromkeys(score.proxy for score in scores))
        rows = sorted(scores, key=lambda score: (labels.index(score.proxy), score.value is None, -(score.value or 0.0)))
        resolution, num_classes, use_se = setting
        self.leave(
            {
                "architectures": [
                    {
                        "source": network.source,
                        "structure": str(network.architecture),
                        **counts(network.architecture, resolution, num_classes),
                    }
                    for network in networks
                ],
                "scores": [row._asdict() for row in rows],
                "proxies": {proxy.label: proxy.settings for proxy in proxies_of(config, self.command)(setting)},
                "resolution": resolution,
                "num_classes": num_classes,
            }
        )
        self._show(rows, f"Scores at {resolution} px, {num_classes} classes", use_se, len(networks) > 1)
        found = [row.value for row in rows if row.value is not None]
        if not found:
            raise UserError(f"no proxy could score anything: {rows[0].error}", key="proxies")
        return found[0]

    def _networks(self, config: DictConfig) -> list[SourcedNetwork]:
        return [
            SourcedNetwork(source, read_architecture(source), read_setting(config, self.command, source))
            for source in read_sources(config)
        ]

    def _show(self, rows: list[NetworkScore], title: str, use_se: bool, several: bool) -> None:
        score_table(rows, title, several).print()
        for note in score_notes(rows):
            print(note)
        if use_se:
            print("squeeze-and-excitation is left out, as in every zero-shot score of the original")
        print(self.listed())
