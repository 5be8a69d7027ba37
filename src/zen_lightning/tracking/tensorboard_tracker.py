"""``logger=tensorboard``: TensorBoard."""

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zen_lightning.tracking.tracker import Status, TrackedRun, Tracker


class TensorBoardTracker(Tracker):
    """Writes events to ``tensorboard/`` in the run's folder: curves, pictures, and all else as text."""

    package = "tensorboard"

    def __init__(self) -> None:
        self._writer: Any = None
        self._about: TrackedRun

    def begin(self, run: TrackedRun) -> str:
        """Begin a file of events; beside that of an earlier command, TensorBoard shows both as one run."""
        from torch.utils.tensorboard import SummaryWriter

        place = run.folder / "tensorboard"
        self.continued = place.is_dir() and any(place.iterdir())
        self._about = run
        self._writer = SummaryWriter(str(place))
        facts = {"task": run.task, "name": run.name, "group": run.group, "config": run.config}
        sources = {source.key: str(source.folder) for source in run.sources}
        self._text("run", json.dumps({**facts, "source_runs": sources}, indent=2, default=str))
        return f"TensorBoard: tensorboard --logdir {shlex.quote(str(place))}"

    def metrics(self, values: Mapping[str, float], step: int, axis: str) -> None:
        """Add points to curves."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def summary(self, figures: Mapping[str, float | str | bool]) -> None:
        """Add the figures as text."""
        self._text("result", json.dumps(dict(figures), indent=2))

    def table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[float | str | None]]) -> None:
        """Add the table as Markdown, which TensorBoard shows as one."""
        lines = [columns, ["---"] * len(columns), *([_cell(value) for value in row] for row in rows)]
        self._writer.add_text(name, "\n".join(f"| {' | '.join(line)} |" for line in lines))

    def files(self, paths: Sequence[Path]) -> None:
        """Add pictures and short texts; the files themselves lie beside the events."""
        for path in paths:
            name = path.relative_to(self._about.folder).as_posix()
            if path.suffix == ".png":
                self._picture(name, path)
            elif path.suffix in (".txt", ".md"):
                self._writer.add_text(name, path.read_text(encoding="utf-8", errors="replace"))

    def finish(self, status: Status) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.add_text("status", str(status))
            self._writer.close()

    def _picture(self, name: str, path: Path) -> None:
        import numpy as np
        from PIL import Image

        with Image.open(path) as image:
            self._writer.add_image(name, np.asarray(image.convert("RGB")), dataformats="HWC")

    def _text(self, name: str, text: str) -> None:
        self._writer.add_text(name, "".join(f"    {line}\n" for line in text.splitlines()))  # Markdown for code.


def _cell(value: float | str | None) -> str:
    return "" if value is None else str(value).replace("|", "\\|")
