"""``workers=``: from the command line to the files."""

import json
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.search import open_pool as workers
from zen_lightning.search import processes

SMALL = ("budget=params1M", "search.iterations=120", "search.population_size=20", "search.finalists=0")
FILES = ("best_structure.txt", "population.csv", "history.csv")


def test_workers_and_in_flight_give_what_one_gives(zen: Zen, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert zen(*SMALL, "search.in_flight=4", "search.restarts=2", "search.processes=1", f"output_dir={one}").code == 0
    ended = zen(*SMALL, "workers=2", "search.restarts=2", f"output_dir={two}")
    assert ended.code == 0, ended.err
    for name in FILES:
        assert (one / name).read_bytes() == (two / name).read_bytes()
    assert json.loads((two / "result.json").read_text())["worker_deaths"] == 0
    assert "died" not in ended.out
    refused = zen(f"resume={two}", "workers=1", "search.iterations=130")
    assert refused.code == 2
    assert "search.in_flight was 4, now 1. Continue it with search.in_flight=4" in refused.err


@pytest.mark.parametrize("value", ["0", "-1", "many", "true", "1.5"])
def test_what_is_no_count_is_refused(zen: Zen, tmp_path: Path, value: str) -> None:
    ended = zen(*SMALL, f"workers={value}", f"output_dir={tmp_path / 'run'}")
    assert ended.code == 2
    assert "workers=" in ended.err
    assert not (tmp_path / "run" / "journal").exists()


@pytest.mark.parametrize("key", ["search.in_flight", "search.threads"])
def test_counts_begin_at_one(zen: Zen, tmp_path: Path, key: str) -> None:
    ended = zen(*SMALL, f"{key}=0", f"output_dir={tmp_path / 'run'}")
    assert (ended.code, f"{key}=0: expected 1 or more" in ended.err) == (2, True)


def test_a_space_with_a_largest_member_needs_no_limit(zen: Zen, tmp_path: Path) -> None:
    small = ("search=params", "budget=nas_bench_201", "search.iterations=30", f"output_dir={tmp_path}")
    ended = zen(*small)
    assert ended.code == 0, ended.err
    assert "searching for budget nas_bench_201 (no limit)" in ended.out
    assert "Against its budget" not in ended.out
    assert json.loads((tmp_path / "result.json").read_text())["accepted"] == 30


def test_threads_are_those_of_the_search_alone() -> None:
    import torch

    before = torch.get_num_threads()
    with workers.torch_threads(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
    with workers.torch_threads(None):
        assert torch.get_num_threads() == before


def test_gpus_are_named_as_the_environment_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert workers._gpus() == ["0", "1", "2"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5, GPU-a1")
    assert workers._gpus() == ["5", "GPU-a1"]


def test_a_thread_limit_reaches_a_torch_imported_before(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    before = torch.get_num_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("MKL_NUM_THREADS", "7")
    try:
        processes.limit_threads(None)
        assert torch.get_num_threads() == before
        processes.limit_threads(1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
