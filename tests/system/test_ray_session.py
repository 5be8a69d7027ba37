"""Workers of Ray look for modules where the process that started them does."""

import sys
from pathlib import Path
from typing import Any

import pytest

from zen_lightning.system.ray_session import RaySession


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

    session = RaySession(ray)
    session.start()
    try:
        found = ray.get(ray.remote(num_cpus=1)(places).remote())
    finally:
        session.end()
    assert (str(tmp_path.resolve()) in found) == named
