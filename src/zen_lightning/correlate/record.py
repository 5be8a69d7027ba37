"""What was scored so far, appended as it goes: enough to continue after a kill at any moment."""

import json
import os
from pathlib import Path
from typing import IO, Any

from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Score
from zen_lightning.search.pool import Outcome

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
            _lock(self._file, path)
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
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self._file.flush()

    def _read(self, identity: dict[str, Any]) -> None:
        """Take in the whole lines, and cut the file after them."""
        self._file.seek(0)
        end = 0
        for raw in self._file:
            line = _parse(raw)
            if line is None:
                break
            if end == 0:
                self._check_header(line, identity)
            elif "settings" in line:
                self._proxies[line["proxy"]] = line["settings"]
            else:
                self._known[line["architecture"], line["proxy"]] = _outcome(line)
            end += len(raw)
        if end == 0 and not f'{{"{_MARK}"'.encode().startswith(self.path.read_bytes()[: len(_MARK) + 3]):
            raise UserError(f"{self.path} is not a record of scores: move it away")
        self._file.truncate(end)
        self._file.seek(0, os.SEEK_END)
        if end == 0:
            self._append({_MARK: _FORMAT, "identity": identity})

    def _check_header(self, header: dict[str, Any], identity: dict[str, Any]) -> None:
        if header.get(_MARK) != _FORMAT:
            raise UserError(f"{self.path} is not a record that this version reads: start anew in another output_dir")
        _require_same(self.path, header["identity"], identity)


def _parse(raw: bytes) -> dict[str, Any] | None:
    """Return a line, or None where it is not whole."""
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    return line if raw.endswith(b"\n") and isinstance(line, dict) else None


def _outcome(line: dict[str, Any]) -> Outcome:
    if "error" in line:
        return Outcome(None, line["seconds"], line["error"])
    return Outcome(Score(line["value"], line["standard_error"], tuple(line["parts"])), line["seconds"])


def _require_same(path: Path, theirs: dict[str, Any], ours: dict[str, Any], prefix: str = "") -> None:
    differing = sorted(key for key in theirs.keys() | ours if theirs.get(key) != ours.get(key))
    if differing:
        changes = "; ".join(f"{prefix}{key} was {theirs.get(key)}, now {ours.get(key)}" for key in differing)
        raise UserError(f"{path} belongs to another run: {changes}. Start anew in another output_dir")


def _lock(file: IO[bytes], path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows has no fcntl; there two processes on one record are the user's own care.
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UserError(f"{path} is in use: the run in this folder is still going") from None
