"""``logger=mlflow``: MLflow."""

import logging
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from zen_lightning.system.files import write_text
from zen_lightning.system.yaml_check import check_yaml
from zen_lightning.tracking.run_files import flat
from zen_lightning.tracking.run_ids import read_run_id, write_run_id
from zen_lightning.tracking.tracker import Status, TrackedRun, Tracker

_NAME = "mlflow"
_STATUS = {Status.FINISHED: "FINISHED", Status.FAILED: "FAILED", Status.STOPPED: "KILLED"}
# What servers of MLflow accept in the oldest version that this works with; newer ones allow more.
_LONGEST_PARAM = 500
_LONGEST_TAG = 5_000
_PARAMS_AT_ONCE = 100


class MlflowTracker(Tracker):
    """Tracks by MLflow: in ``mlruns/`` of the run's folder, or where MLFLOW_TRACKING_URI or ``tracking_uri`` says.

    Args:
        experiment: name of MLflow's experiment.
        tracking_uri: a server or a folder of runs; None: the environment's, or else the run's own folder.
        group: instead of the sweep or the experiment that the run is part of.
    """

    package = "mlflow"

    def __init__(self, experiment: str = "zen-lightning", tracking_uri: str | None = None, group: str | None = None) -> None:
        self._experiment = experiment
        self._uri = tracking_uri
        self._group = group
        self._client: Any = None
        self._id = ""
        self._about: TrackedRun

    def begin(self, run: TrackedRun) -> str:
        """Begin a run of MLflow, or continue the one that ``mlflow_run_id.txt`` names."""
        own = run.folder.resolve() / "mlruns"
        uri = self._uri or os.environ.get("MLFLOW_TRACKING_URI") or own.as_uri()
        if uri == own.as_uri():
            _keep_within(own)
        self._about = run
        self._client = _client(uri)
        known = read_run_id(run.folder, _NAME)
        self.continued = known is not None
        self._id = known or self._create()
        self._client.update_run(self._id, status="RUNNING")
        write_run_id(run.folder, _NAME, self._id)
        self._params(flat(run.config))
        self._client.log_dict(self._id, dict(run.config), "config.json")
        for source in run.sources:
            self._client.set_tag(self._id, f"source_run.{source.key}.folder", str(source.folder))
            self._client.set_tag(
                self._id, f"source_run.{source.key}", read_run_id(source.folder, _NAME) or "not tracked by MLflow"
            )
        return f"MLflow run {self._id} {'continued' if known else 'begun'}: {uri}"

    def metrics(self, values: Mapping[str, float], step: int, axis: str) -> None:
        """Add points to curves."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        self._client.log_batch(self._id, [Metric(_plain(name), value, now, step) for name, value in values.items()])

    def summary(self, figures: Mapping[str, float | str | bool]) -> None:
        """Log numbers as metrics ``result/...``, texts as tags."""
        numbers = {f"result/{name}": float(value) for name, value in figures.items() if not isinstance(value, str)}
        self.metrics(numbers, 0, "")
        for name, value in figures.items():
            if isinstance(value, str):
                self._client.set_tag(self._id, _plain(f"result/{name}"), value[:_LONGEST_TAG])

    def table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[float | str | None]]) -> None:
        """Keep a table as JSON in the layout that ``mlflow.load_table`` reads."""
        self._client.log_dict(self._id, {"columns": list(columns), "data": [list(row) for row in rows]}, f"tables/{name}.json")

    def files(self, paths: Sequence[Path]) -> None:
        """Keep files as artifacts."""
        for path in paths:
            parent = path.relative_to(self._about.folder).parent.as_posix()
            self._client.log_artifact(self._id, str(path), None if parent == "." else parent)

    def finish(self, status: Status) -> None:
        """End the run."""
        if self._id:
            self._client.set_terminated(self._id, _STATUS[status])

    def _create(self) -> str:
        about = self._about
        experiment = self._client.get_experiment_by_name(self._experiment)
        number = experiment.experiment_id if experiment else self._client.create_experiment(self._experiment)
        commit = about.config.get("git_commit")
        tags = {"job_type": about.task, "group": self._group or about.group, "mlflow.source.git.commit": commit}
        run = self._client.create_run(number, run_name=about.name, tags={key: tag for key, tag in tags.items() if tag})
        return str(run.info.run_id)

    def _params(self, values: Mapping[str, Any]) -> None:
        """Set params; one that has another value since an earlier command keeps it, as MLflow wants."""
        from mlflow.entities import Param

        kept = self._client.get_run(self._id).data.params
        fresh = [Param(_plain(name), str(value)[:_LONGEST_PARAM]) for name, value in values.items() if _plain(name) not in kept]
        for first in range(0, len(fresh), _PARAMS_AT_ONCE):
            self._client.log_batch(self._id, params=fresh[first : first + _PARAMS_AT_ONCE])


def _keep_within(store: Path) -> None:
    """Have a store of the run's own keep its artifacts in itself.

    MLflow records where by whole paths: in a folder that was moved these lead to where it was, and in one of somebody else to
    wherever they like.
    """
    for pattern, key, below in (("*/meta.yaml", "artifact_location", ""), ("*/*/meta.yaml", "artifact_uri", "artifacts")):
        for path in store.glob(pattern):
            check_yaml(path)
            content = yaml.safe_load(path.read_text(encoding="utf-8"))  # As MLflow reads it.
            place = (path.parent / below).as_uri()
            if isinstance(content, dict) and key in content and content[key] != place:
                write_text(path, yaml.safe_dump({**content, key: place}, allow_unicode=True))


def _client(uri: str) -> Any:
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=uri)


def _plain(name: str) -> str:
    """Return a name that MLflow takes."""
    return re.sub(r"[^\w./ -]", "_", name)
