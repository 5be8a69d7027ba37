"""The journal of a study as Optuna's storage wants it, with the checksum of a journal of this project in each line."""

import os
import zlib
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import get_lock_file

from zen_lightning.system.journal import checked_line


class StudyFile(JournalFileBackend):
    """Optuna's file of JSON lines, each of which ends with the CRC-32 of all before it; Optuna ignores that field.

    The tuning and its trials append to it, each in a process of its own, one at a time.

    Args:
        path: of the file; it is made where it is not there.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path
        self._crc = self._end = 0

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append records, after what other processes have appended; a line that a kill has cut short is dropped."""
        with get_lock_file(self._lock), self._path.open("r+b") as file:
            file.seek(self._end)
            fresh = file.read()
            whole = fresh[: fresh.rfind(b"\n") + 1]
            self._crc, self._end = zlib.crc32(whole, self._crc), self._end + len(whole)
            file.truncate(self._end)
            file.seek(self._end)
            for log in logs:
                line = checked_line(log, self._crc)
                self._crc, self._end = zlib.crc32(line, self._crc), self._end + len(line)
                file.write(line)
            file.flush()
            os.fsync(file.fileno())
