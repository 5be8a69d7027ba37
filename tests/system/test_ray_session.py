"""Workers of Ray look for modules where the process that started them does."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.ray_session import RaySession, imported_ray


@pytest.mark.long
@pytest.mark.parametrize("named", [False, True])
def test_workers_import_from_the_working_directory_only_where_this_process_does(
    named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray: Any = pytest.importorskip("ray")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("PYTHONSAFEPATH", "1")  # As of a command (system/safe_path.py); else Python itself looks there.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "src"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place] + [str(tmp_path)] * named)

    def places() -> list[str]:
        return [str(Path(place or ".").resolve()) for place in sys.path]

    session = RaySession(ray, "workers=ray")
    session.start()
    try:
        found = ray.get(ray.remote(num_cpus=1)(places).remote())
    finally:
        session.end()
    assert (str(tmp_path.resolve()) in found) == named


@pytest.mark.parametrize(("named", "address"), [(None, "10.0.0.1:6379"), ("10.0.0.1:1", None)])
def test_the_cluster_is_one_that_is_named_or_that_was_looked_at(
    named: str | None, address: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ray would look again, and connect to one that another user has put there meanwhile."""
    (tmp_path / "ray_current_cluster").write_text("10.0.0.1:6379")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    if named is not None:
        monkeypatch.setenv("RAY_ADDRESS", named)
    asked: dict[str, Any] = {}
    ray = SimpleNamespace(
        init=lambda **config: asked.update(config),
        shutdown=lambda: None,
        job_config=SimpleNamespace(JobConfig=SimpleNamespace),
        _private=SimpleNamespace(
            utils=SimpleNamespace(get_ray_address_file=lambda folder: str(tmp_path / "ray_current_cluster"))
        ),
    )
    session = RaySession(ray, "workers=ray")
    session._init()
    session.end()
    assert asked.get("address") == address


@pytest.mark.long
def test_workers_start_where_the_address_space_is_limited(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    words = ("search=zen", "budget=params1M", "search.population_size=8", "search.iterations=30", "search.finalists=0")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    ended = subprocess.run(
        [sys.executable, "-m", "zen_lightning", *words, "workers=ray", f"output_dir={tmp_path / 'run'}"],
        cwd=tmp_path,
        env={**variables, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (10 << 30, 10 << 30)),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    assert "raylet" not in ended.stdout + ended.stderr
    assert (tmp_path / "run" / "result.json").is_file()


def test_too_little_address_space_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray, "init", lambda **_: pytest.fail("Ray was started"))
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1 << 30, resource.RLIM_INFINITY))
    with pytest.raises(UserError, match=r"^workers=ray: Ray needs 2 GiB of address space .* allowed: raise it \(ulimit -v\)"):
        RaySession(ray, "workers=ray").start()


@pytest.mark.parametrize("space", [1 << 34, resource.RLIM_INFINITY])
def test_the_store_is_small_only_where_the_address_space_is_limited(space: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    store = "RAY_DEFAULT_OBJECT_STORE_MAX_MEMORY_BYTES"
    monkeypatch.setenv(store, "")  # So that it is put back.
    monkeypatch.delenv(store)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (space, resource.RLIM_INFINITY))
    imported_ray("a test")
    assert (store in os.environ) == (space != resource.RLIM_INFINITY)
