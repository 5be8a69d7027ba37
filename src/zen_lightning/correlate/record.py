"""What was scored so far, appended as it goes: enough to continue after a kill at any moment."""

import json
import os
from pathlib import Path
from typing import IO, Any

from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Score
from zen_lightning.search import json_lines
from zen_lightning.search.pool import Outcome
from zen_lightning.system.locks import lock

_FORMAT = 1
_MARK = "zen_lightning_scores"


class ScoreRecord:
    """An append-only file of JSON lines: a header, the settings of each proxy, each score or the reason why there is none.

    A line cut short by a kill is dropped on reading, and scored again. The networks may grow in number from one run to the
    next, and proxies may join: only what is missing is to be scored.

    Args:
        path: of the file; it is made, with its folder, or continued.
        identity: what all scores share (file of accuracies, seed, ...); continuing with another is an error.

    Raises:
        UserError: the file belongs to another run, is in use, or is not such a record.
    """

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self.path = path
        self._proxies: dict[str, dict[str, Any]] = {}
        self._known: dict[tuple[str, str], Outcome] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = open(path, "a+b")  # noqa: SIM115  (it stays open)
        try:
            lock(self._file, path, "run in this folder is still going")
            self._read(json.loads(json.dumps(identity)))
        except BaseException:
            self._file.close()
            raise

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
            self._append({"proxy": proxy, "settings": settings})
            self._proxies[proxy] = settings
        _require_same(self.path, self._proxies[proxy], settings, f"{proxy}.")

    def get(self, architecture: str, proxy: str) -> Outcome | None:
        """Return what came of scoring a network, or None while it was not tried."""
        return self._known.get((architecture, proxy))

    def add(self, architecture: str, proxy: str, outcome: Outcome) -> None:
        """Append what came of scoring a network."""
        line = {"architecture": architecture, "proxy": proxy, "seconds": round(outcome.seconds, 6)}
        self._append(line | ({"error": outcome.error} if outcome.score is None else outcome.score._asdict()))
        self._known[architecture, proxy] = outcome

    def close(self) -> None:
        """Close the file; another process may then continue it."""
        os.fsync(self._file.fileno())
        self._file.close()

    def _append(self, line: dict[str, Any]) -> None:
        self._file.write(json_lines.encoded(line))
        self._file.flush()

    def _read(self, identity: dict[str, Any]) -> None:
        """Take in the whole lines, and cut the file after them."""
        lines, end = json_lines.read_whole(self._file)
        if not lines and json_lines.is_foreign(self.path, _MARK):
            raise UserError(f"{self.path} is not a record of scores: move it away")
        if lines:
            self._check_header(lines[0], identity)
        for line in lines[1:]:
            if "settings" in line:
                self._proxies[line["proxy"]] = line["settings"]
            else:
                self._known[line["architecture"], line["proxy"]] = _outcome(line)
        json_lines.cut(self._file, end)
        if not lines:
            self._append({_MARK: _FORMAT, "identity": identity})

    def _check_header(self, header: dict[str, Any], identity: dict[str, Any]) -> None:
        if header.get(_MARK) != _FORMAT:
            raise UserError(f"{self.path} is not a record that this version reads: start anew in another output_dir")
        _require_same(self.path, header["identity"], identity)


def _outcome(line: dict[str, Any]) -> Outcome:
    if "error" in line:
        return Outcome(None, line["seconds"], line["error"])
    return Outcome(Score(line["value"], line["standard_error"], tuple(line["parts"])), line["seconds"])


def _require_same(path: Path, theirs: dict[str, Any], ours: dict[str, Any], prefix: str = "") -> None:
    changes = json_lines.changes(theirs, ours)
    if changes:
        listed = "; ".join(prefix + change for change in changes.values())
        raise UserError(f"{path} belongs to another run: {listed}. Start anew in another output_dir")
