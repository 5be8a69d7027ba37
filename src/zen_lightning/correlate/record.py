"""What was scored so far, appended as it goes: enough to continue after a kill at any moment."""

import json
from pathlib import Path
from typing import Any

from zen_lightning.proxy.base import Score
from zen_lightning.search.pool import Outcome
from zen_lightning.system.journal import Journal


class ScoreRecord(Journal):
    """The settings of each proxy, each score or the reason why there is none.

    A line cut short by a kill is dropped on reading, and scored again. The networks may grow in number from one run to the
    next, and proxies may join: only what is missing is to be scored.

    Args:
        path: of the file; it is made, with its folder, or continued.
        identity: what all scores share (file of accuracies, seed, ...); continuing with another is an error.

    Raises:
        UserError: as of every :class:`~zen_lightning.system.journal.Journal`.
    """

    mark = "zen_lightning_scores"
    name = "record of scores"
    subject = "run"
    owner = "run in this folder is still going"
    anew = "Start anew in another output_dir"

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self._proxies: dict[str, dict[str, Any]] = {}
        self._known: dict[tuple[str, str], Outcome] = {}
        super().__init__(path, identity)

    def take(self, record: dict[str, Any]) -> None:
        """Take in the settings of a proxy, or a score."""
        if "settings" in record:
            self._proxies[record["proxy"]] = dict(record["settings"])
        else:
            self._known[record["architecture"], record["proxy"]] = _outcome(record)

    def join(self, proxy: str, settings: dict[str, Any]) -> None:
        """Declare a proxy before its scores are asked for or added.

        Args:
            proxy: its label.
            settings: class and arguments.

        Raises:
            UserError: it scored with other settings before.
        """
        settings = json.loads(json.dumps(settings))
        if proxy not in self._proxies:
            self.append({"proxy": proxy, "settings": settings})
            self._proxies[proxy] = settings
        self.require_same({proxy: self._proxies[proxy]}, {proxy: settings})

    def get(self, architecture: str, proxy: str) -> Outcome | None:
        """Return what came of scoring a network, or None while it was not tried."""
        return self._known.get((architecture, proxy))

    def add(self, architecture: str, proxy: str, outcome: Outcome) -> None:
        """Append what came of scoring a network."""
        line = {"architecture": architecture, "proxy": proxy, "seconds": round(outcome.seconds, 6)}
        self.append(line | ({"error": outcome.error} if outcome.score is None else outcome.score._asdict()))
        self._known[architecture, proxy] = outcome


def _outcome(line: dict[str, Any]) -> Outcome:
    if "error" in line:
        return Outcome(None, line["seconds"], line["error"])
    return Outcome(Score(line["value"], line["standard_error"], tuple(line["parts"])), line["seconds"])
