"""What the checksums of files cost a search and a training: results, tables, checkpoints, weights, Hydra's record.

    python benchmarks/file_checksums.py

Two commands run in this process, and the time that is spent on checksums, in whatever thread, is compared with their own: the
digests themselves, and writing them to the disk. About two minutes.
"""

import contextlib
import io
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from common import header, row

SEARCH = ("search=zen", "budget=flops600M", "search.iterations=60000", "search.processes=1", "search.finalists=4")
TRAINING = ("task=train", "arch=zennet_cifar10_model_size05M_res32", "dataset=digits", "recipe.epochs=4",
            "recipe.warmup_epochs=0", "limit=256", "trainer=cpu", "trainer.loader_workers=0")  # fmt: skip
TIMED = (
    "zen_lightning.system.files.keep",
    "zen_lightning.system.json_files.with_checksum",
    "zen_lightning.system.json_files.without_checksum",
    "zen_lightning.system.csv_files.check_beside",
    "zen_lightning.nets.safe_load.check_beside",
    "zen_lightning.runs.hydra_record.check_beside",
    "zen_lightning.cli.hydra_state.keep_checksums",
    "zen_lightning.nets.weights._digest",
)
"""Every function that works on checksums, where it is called; journals have a benchmark of their own."""


class Stopwatch:
    """Adds up the seconds that functions take; one that is called by another counts once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0
        self._inside = threading.local()

    def timing(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        def timed(*arguments: Any, **named: Any) -> Any:
            if getattr(self._inside, "on", False):
                return function(*arguments, **named)
            self._inside.on, began = True, time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self._inside.on = False
                self.seconds += time.perf_counter() - began
                self.calls += 1

        return timed


def measured(words: tuple[str, ...]) -> tuple[float, Stopwatch]:
    """Run a command, and return its seconds and those of its checksums."""
    from hydra.core.global_hydra import GlobalHydra

    from zen_lightning.cli.main import execute

    watch = Stopwatch()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        for name in TIMED:
            module, _, function = name.rpartition(".")
            __import__(module)
            original = getattr(sys.modules[module], function)
            stack.enter_context(mock.patch(name, watch.timing(original)))
        GlobalHydra.instance().clear()
        sys.argv = ["run.py"]
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        began = time.perf_counter()
        execute([*words, f"output_dir={Path(folder) / 'run'}"])
        return time.perf_counter() - began, watch


def main() -> None:
    header()
    for what, words in (("search of 60,000 iterations", SEARCH), ("training of 4 epochs", TRAINING)):
        seconds, watch = measured(words)
        share = watch.seconds / seconds
        figure = f"{share:.3%} ({1000 * watch.seconds:.1f} ms in {watch.calls} calls, of {seconds:.1f} s)"
        row(f"{what}, share of its time", figure, "< 1%", share < 0.01)


if __name__ == "__main__":
    main()
