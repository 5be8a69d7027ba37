"""Where MLflow keeps the artifacts of a run whose folder was moved, or is of somebody else."""

from pathlib import Path

import pytest

from zen_lightning.tracking.mlflow_tracker import _client, _keep_within


@pytest.fixture
def store(tmp_path: Path) -> Path:
    pytest.importorskip("mlflow")
    return tmp_path / "one" / "mlruns"


def test_a_store_that_was_moved_keeps_its_artifacts_in_itself(store: Path, tmp_path: Path) -> None:
    client = _client(store.as_uri())
    run_id = client.create_run(client.create_experiment("zen-lightning")).info.run_id
    moved = (store.parent).rename(tmp_path / "the other") / store.name
    _keep_within(moved)
    _client(moved.as_uri()).log_dict(run_id, {"a": 1}, "config.json")
    assert not store.parent.exists()
    assert [path.relative_to(moved).parts[1:] for path in moved.rglob("config.json")] == [(run_id, "artifacts", "config.json")]


def test_a_store_of_somebody_else_writes_nowhere_else(store: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "own"
    client = _client(store.as_uri())
    run_id = client.create_run(client.create_experiment("zen-lightning", elsewhere.as_uri())).info.run_id
    _keep_within(store)
    client.log_dict(run_id, {"a": 1}, "config.json")
    assert not elsewhere.exists()
    assert len(list(store.rglob("config.json"))) == 1
