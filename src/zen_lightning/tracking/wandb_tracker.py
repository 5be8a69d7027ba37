"""``logger=wandb``: Weights & Biases."""

import os
import secrets
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from zen_lightning.system.value_types import Texts
from zen_lightning.tracking.run_files import kept_files
from zen_lightning.tracking.run_ids import read_run_id, write_run_id
from zen_lightning.tracking.tracker import Source, Status, TrackedRun, Tracker
from zen_lightning.tracking.wandb_mode import check_mode, check_written, needs_offline, no_settings_of_directory, own_folders

_NAME = "wandb"
_SECONDS = {
    "init_timeout": ("WANDB_INIT_TIMEOUT", 30.0),
    "finish_timeout": ("WANDB_FINISH_TIMEOUT", 300.0),
    "x_transaction_log_flush_interval": ("WANDB__TRANSACTION_LOG_FLUSH_INTERVAL", 1.0),
}
"""Seconds that W&B may take to begin, to end and to write its log, unless the environment says otherwise. A choice: a
server that is out of reach costs half a minute at the start; at the end, files of a slow line are still uploaded."""
_CODES = {Status.FINISHED: 0, Status.FAILED: 1, Status.STOPPED: 255}


class WandbTracker(Tracker):
    """Tracks by W&B: offline without an API key, never asking for one, and also where its server cannot be reached.

    The run's id, which is in ``wandb_run_id.txt``, also names the artifact that holds the run's files. A run that reads from a
    folder with such a file uses that artifact, so that W&B shows the lineage.

    Args:
        project: name of W&B's project.
        entity: user or team; None: W&B's own choice.
        group: instead of the sweep or the experiment that the run is part of.
        tags: tags of the run.

    Raises:
        UserError: ``WANDB_MODE`` is none of W&B's modes.
    """

    def __init__(
        self, project: str = "zen-lightning", entity: str | None = None, group: str | None = None, tags: Texts | None = None
    ) -> None:
        check_mode(os.environ)
        self._project = project
        self._entity = entity
        self._group = group
        self._tags = list(tags) if tags else None
        self._defined: set[str] = set()
        self._scope = ExitStack()
        self._run: Any = None
        self._about: TrackedRun

    def begin(self, run: TrackedRun) -> str:
        """Begin a run of W&B, or continue the one that ``wandb_run_id.txt`` names."""
        known = read_run_id(run.folder, _NAME)
        self.continued = known is not None
        self._about = run
        (run.folder / "wandb").mkdir(parents=True, exist_ok=True)
        self._scope.enter_context(own_folders(run.folder / "wandb"))
        with no_settings_of_directory():
            self._run = self._init(known or f"{run.task}-{secrets.token_hex(4)}", known is None)
            write_run_id(run.folder, _NAME, self._run.id)
            for source in run.sources:
                self._use(source)
        return self._place()

    def metrics(self, values: Mapping[str, float], step: int, axis: str) -> None:
        """Add a row to the history, with the step under the name of its axis."""
        for name in values.keys() - self._defined:
            self._run.define_metric(name, step_metric=axis)
        self._defined |= values.keys()
        self._run.log({**values, axis: step})

    def summary(self, figures: Mapping[str, float | str | bool]) -> None:
        """Update the summary."""
        self._run.summary.update(dict(figures))

    def table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[float | str | None]]) -> None:
        """Log a table."""
        import wandb

        self._run.log({name: wandb.Table(columns=list(columns), data=[list(row) for row in rows], allow_mixed_types=True)})

    def files(self, paths: Sequence[Path]) -> None:
        """Log all files as one artifact, and the pictures among them as such, too."""
        import wandb

        pictures = {f"pictures/{path.stem}": wandb.Image(str(path)) for path in paths if path.suffix == ".png"}
        if pictures:
            self._run.log(pictures)
        self._run.log_artifact(self._artifact(self._run.id, self._about.task, self._about.folder, paths))

    def finish(self, status: Status) -> None:
        """End the run.

        Raises:
            OSError: W&B, which keeps that to itself, could not write.
        """
        run, self._run = self._run, None
        if run is None:
            return
        import wandb

        with self._scope:
            place = Path(run.dir).parent
            run.finish(exit_code=_CODES[status])
            wandb.teardown()  # The next job of a sweep has a folder of its own and begins a new run.
            check_written(place)

    def _init(self, run_id: str, fresh: bool) -> Any:
        import wandb

        about = self._about
        sources = {
            source.key: {"folder": str(source.folder), "wandb": read_run_id(source.folder, _NAME)} for source in about.sources
        }
        asked: dict[str, Any] = {
            "project": self._project,
            "entity": self._entity,
            "group": self._group or about.group,
            "tags": self._tags,
            "job_type": about.task,
            "name": about.name if fresh else None,
            "id": run_id,
            "resume": "allow",
            "dir": str(about.folder),
            "config": {**about.config, **({"source_runs": sources} if sources else {})},
        }
        # In the session, and not only in the run: it says what there is to say before a run begins, and asks for keys.
        quiet = wandb.Settings(silent=True, console="off", **_seconds(wandb.Settings))
        session = wandb.setup(settings=quiet).settings
        if needs_offline(session.mode, os.environ, session.base_url):
            return wandb.init(**asked, mode="offline")
        try:
            return wandb.init(**asked)
        except Exception as error:
            if session.mode in ("offline", "dryrun", "disabled"):
                raise
            lines = str(error).strip().splitlines() or [type(error).__name__]
            print(
                f"logger=wandb: the server cannot be used ({lines[0].rstrip('.')}): the run is logged offline",
                file=sys.stderr,
                flush=True,
            )
            wandb.teardown()
            wandb.setup(settings=quiet)
            return wandb.init(**asked, mode="offline")

    def _use(self, source: Source) -> None:
        """Tell W&B that this run reads from another. Where it cannot be told, the configuration still says it."""
        name = read_run_id(source.folder, _NAME)
        if name is None:
            return
        offline = self._run.offline
        if not offline:
            with suppress(Exception):
                self._run.use_artifact(f"{name}:latest")
                return
        draft = self._artifact(name, name.rpartition("-")[0] or "run", source.folder, kept_files(source.folder))
        with suppress(Exception):
            if offline:
                # use_artifact() refuses offline; what it does with a draft does not, and counts as soon as the run is synced.
                self._run._log_artifact(draft, is_user_created=True, use_after_commit=True)
            else:
                self._run.use_artifact(draft)

    @staticmethod
    def _artifact(name: str, kind: str, folder: Path, paths: Sequence[Path]) -> Any:
        import wandb

        artifact = wandb.Artifact(name, type=kind)
        for path in paths:
            artifact.add_file(str(path), name=path.relative_to(folder).as_posix())
        return artifact

    def _place(self) -> str:
        run, folder = self._run, self._about.folder
        verb = "continued" if self.continued else "begun"
        if getattr(run, "disabled", False):
            return "W&B is disabled by WANDB_MODE"
        if run.offline:
            return (
                f"W&B run {run.id} {verb}, offline: wandb sync {shlex.quote(str(folder / 'wandb' / Path(run.dir).parent.name))}"
            )
        return f"W&B run {run.id} {verb}: {run.url}"


def _seconds(settings: Any) -> dict[str, Any]:
    """Return those settings of :data:`_SECONDS` that this version of W&B has."""
    known = getattr(settings, "model_fields", {})
    return {key: seconds for key, (variable, seconds) in _SECONDS.items() if key in known and variable not in os.environ}
