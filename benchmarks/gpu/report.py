"""What a stage found, on the disk after each finding, so that a stage that is killed leaves what it had reached."""

import json
import os
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TAIL = 1800
"""Characters that are kept of a traceback: the last frames and the error."""


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file that appears whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, default=str)
    os.replace(name, path)


def read_json(path: Path) -> Any:
    """Return the content of a JSON file, or None where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


class Report:
    """Figures and checks of one stage.

    Args:
        path: of its JSON file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._began = time.monotonic()
        self.content: dict[str, Any] = {"done": False, "figures": {}, "checks": []}
        self._write()

    def figure(self, name: str, value: Any) -> None:
        """Keep a number, or a few by name."""
        self.content["figures"][name] = value
        print(f"[{time.monotonic() - self._began:6.1f} s] {name}: {value}", flush=True)
        self._write()

    def check(self, name: str, ok: bool, detail: str = "") -> None:
        """Keep whether something is as it should be; the stage goes on either way."""
        self.content["checks"].append({"name": name, "ok": bool(ok), "detail": detail})
        print(f"[{time.monotonic() - self._began:6.1f} s] {'ok' if ok else 'FAILED'} {name} {detail}", flush=True)
        self._write()

    @contextmanager
    def attempt(self, name: str) -> Iterator[None]:
        """Turn an error of the block into a failed check, so that the stage goes on."""
        try:
            yield
        except Exception as error:
            self.check(name, False, f"{type(error).__name__}: {str(error)[:300]}")
            self.content["checks"][-1]["traceback"] = traceback.format_exc()[-_TAIL:]
            self._write()

    def finish(self, error: str | None = None) -> None:
        """Note that the stage ran to its end, or what ended it."""
        self.content |= {"done": error is None, "error": error}
        self._write()

    def _write(self) -> None:
        self.content["seconds"] = round(time.monotonic() - self._began, 2)
        write_json(self._path, self.content)
