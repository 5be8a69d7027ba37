"""``task=search`` from the command line to the files."""

import csv
import json
import shlex
import shutil
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.arch import Architecture
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo

SMALL = ("budget=params1M", "search.iterations=1500", "search.population_size=40")
FILES = ("best_structure.txt", "history.csv", "population.csv", "finalists.csv")


def test_a_search_whose_journal_was_left_out_of_a_copy(zen: Zen, tmp_path: Path) -> None:
    search = ("budget=params1M", "search.iterations=50", "search.population_size=8", "search.finalists=0")
    assert zen(*search, f"output_dir={tmp_path}").code == 0
    before = (tmp_path / "best_structure.txt").read_text()
    shutil.rmtree(tmp_path / "journal")
    other = zen(*search, "seed=1", f"output_dir={tmp_path}")
    assert (other.code, f"already holds a search: continue it with resume={tmp_path}" in other.err) == (2, True)
    again = zen(f"resume={tmp_path}")
    assert (again.code, f"there is no journal in {tmp_path}: the search begins anew" in again.err) == (0, True)
    assert (tmp_path / "best_structure.txt").read_text() == before
    assert "there is no journal" not in zen(f"resume={tmp_path}").err


def test_leaves_every_file_and_they_agree(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*SMALL, "search.finalists=2", "search.rerank.repeats=2", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "result.json").read_text())
    arch = Architecture.parse((tmp_path / "best_structure.txt").read_text())
    assert result["structure"] == str(arch)
    assert (result["params"], result["flops"], result["layers"]) == (arch.num_params(100), arch.flops(32, 100), arch.num_layers)
    assert result["params"] <= 1_000_000
    assert result["layers"] <= 18
    assert (result["score_by"], result["search_score_by"]) == ("Monte-Carlo", "closed form")
    assert result["search_score"] == pytest.approx(ZenClosedForm(32).score(arch).value, abs=1e-9)
    again = ZenMonteCarlo(32, batch_size=16, repeats=2).score(arch, seed=0)
    assert result["score"] == pytest.approx(again.value, rel=1e-5)
    assert result["budgets"] == {"layers": 18, "params": 1_000_000}
    assert (result["iterations"], result["seed"], result["proxy"], result["latency_ms"]) == (1500, 0, "zen", None)
    assert result["accepted"] + sum(result["rejected"].values()) == 1500
    assert result["versions"]["torch"]
    finalists = list(csv.DictReader((tmp_path / "finalists.csv").open()))
    assert [float(row["final_score"]) for row in finalists] == sorted(
        (float(r["final_score"]) for r in finalists), reverse=True
    )
    assert finalists[0]["structure"] == str(arch)
    population = list(csv.DictReader((tmp_path / "population.csv").open()))
    assert population[0]["structure"] in {row["structure"] for row in finalists}
    history = list(csv.DictReader((tmp_path / "history.csv").open()))
    assert int(history[-1]["iteration"]) == 1500
    for name in ("search.png", "cloud.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    for shown in (f"{result['score']:.3f}", f"{result['search_score']:.3f}", str(arch), "total", "best_structure.txt"):
        assert shown in ended.out
    assert not list(tmp_path.glob(".*.tmp")) + list(tmp_path.glob(".result*"))


def test_resume_of_a_stopped_run_ends_like_the_whole_run(zen: Zen, tmp_path: Path) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    zen(*SMALL, "search.finalists=0", f"output_dir={whole}")
    zen("budget=params1M", "search.iterations=705", "search.population_size=40", "search.finalists=0", f"output_dir={stopped}")
    journal = stopped / "journal" / "restart-00.jsonl"
    journal.write_bytes(journal.read_bytes()[:-500])
    ended = zen(f"resume={stopped}", "search.iterations=1500")
    assert ended.code == 0, ended.err
    for name in ("best_structure.txt", "population.csv"):
        assert (whole / name).read_bytes() == (stopped / name).read_bytes()
    assert (whole / "history.csv").read_bytes() == (stopped / "history.csv").read_bytes()


def test_refused_commands_do_not_spoil_a_resume(zen: Zen, tmp_path: Path) -> None:
    zen(*SMALL, "search.finalists=0", f"output_dir={tmp_path}")
    before = (tmp_path / "best_structure.txt").read_bytes()
    for arguments in (["seed=2", f"output_dir={tmp_path}"], [f"resume={tmp_path}", "seed=7"]):
        assert zen("budget=params1M", *arguments).code == 2
    ended = zen(f"resume={tmp_path}")
    assert ended.code == 0, ended.err
    assert (tmp_path / "best_structure.txt").read_bytes() == before


def test_a_start_from_a_file_is_remembered(zen: Zen, tmp_path: Path) -> None:
    net = tmp_path / "net.txt"
    net.write_text("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperConvK1BNRELU(16,128,1,1)\n")
    zen(*SMALL, "search.finalists=0", f"start={net}", f"output_dir={tmp_path / 'run'}")
    net.unlink()
    assert zen(f"resume={tmp_path / 'run'}", "search.iterations=1600").code == 0


def test_finalists_that_cannot_be_scored_again_cost_nothing(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*SMALL, "search.finalists=1", "+search.rerank.in_channels=4", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "no finalist could be re-scored" in ended.out
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["score"] == result["search_score"]


def test_a_folder_with_a_search_is_not_overwritten(zen: Zen, tmp_path: Path) -> None:
    zen(*SMALL, "search.finalists=0", f"output_dir={tmp_path}")
    before = (tmp_path / "result.json").read_bytes()
    ended = zen(*SMALL, "seed=1", "search.finalists=0", f"output_dir={tmp_path}")
    assert ended.code == 2
    assert f"already holds a search: continue it with resume={tmp_path}" in ended.err
    assert (tmp_path / "result.json").read_bytes() == before
    changed = zen(f"resume={tmp_path}", "budget.params=2M")
    assert changed.code == 2
    assert "belongs to another search: budget.params was 1000000, now 2000000" in changed.err


def test_a_finished_search_says_so_where_it_is_continued(zen: Zen, tmp_path: Path) -> None:
    zen(*SMALL, "search.finalists=0", f"output_dir={tmp_path}")
    assert "already finished: all 1,500 iterations are done" in zen(f"resume={tmp_path}").out
    assert "already finished" not in zen(f"resume={tmp_path}", "search.iterations=1510").out


def test_restarts_take_the_best_of_all(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*SMALL, "search.iterations=400", "search.restarts=3", "search.finalists=0", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    population = list(csv.DictReader((tmp_path / "population.csv").open()))
    assert {row["restart"] for row in population} == {"0", "1", "2"}
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["search_score"] == max(float(row["score"]) for row in population)
    assert (result["restarts"], result["iterations"]) == (3, 1200)


def test_monte_carlo_search_resumes_exactly(zen: Zen, tmp_path: Path) -> None:
    small = ("search=zen_monte_carlo", "budget=params1M", "proxy.batch_size=2", "search.population_size=6")
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert zen(*small, "search.iterations=24", f"output_dir={whole}").code == 0
    zen(*small, "search.iterations=9", f"output_dir={stopped}")
    assert zen(f"resume={stopped}", "search.iterations=24").code == 0
    for name in ("best_structure.txt", "population.csv"):
        assert (whole / name).read_bytes() == (stopped / name).read_bytes()


def test_without_the_extras_it_still_answers(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in [name for name in sys.modules if name.partition(".")[0] in ("rich", "matplotlib")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("rich", "rich.box", "rich.table", "rich.progress", "matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    ended = zen(*SMALL, "search.finalists=0", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "pip install 'zen-lightning[report]'" in ended.out
    assert "Against its budget" in ended.out
    assert (tmp_path / "best_structure.txt").is_file()


def test_search_zen_refuses_another_proxy_than_its_finalists_are_chosen_by(zen: Zen, tmp_path: Path) -> None:
    ended = zen("search=zen", "proxy=params", "budget=params1M", f"output_dir={tmp_path}")
    assert ended.code == 2
    assert "use search=evolution proxy=params" in ended.err
    ended = zen("search=evolution", "proxy=params", "budget=params1M", "search.iterations=40", f"output_dir={tmp_path / 'b'}")
    assert ended.code == 0, ended.err


def test_ends_by_its_time_and_goes_on(zen: Zen, tmp_path: Path) -> None:
    endless = (*SMALL, "search.iterations=100000000", "search.finalists=0", "search.processes=1")
    folder = tmp_path / "with, a comma"
    ended = zen(*endless, "search.minutes=0.01", f"output_dir='{folder}'")
    assert ended.code == 0, ended.err
    first = json.loads((folder / "result.json").read_text())
    assert (first["minutes"], first["stopped_by_time"]) == (0.01, True)
    assert "search.minutes=0.01 ended the search after" in ended.out
    command = next(line for line in ended.out.splitlines() if "resume=" in line and "search.minutes=0.02" in line)
    words = shlex.split(command)
    assert zen(*words[words.index("run.py") + 1 :]).code == 0
    second = json.loads((folder / "result.json").read_text())
    assert (second["minutes"], second["iterations"] >= first["iterations"]) == (0.02, True)
    # A busy machine may have spent more than was asked for.
    assert zen(f"resume='{folder}'", f"search.minutes={(second['search_seconds'] + 2) / 60}").code == 0
    second = json.loads((folder / "result.json").read_text())
    assert second["iterations"] > first["iterations"]
    done = zen(f"resume='{folder}'", "search.minutes=null", f"search.iterations={second['iterations']}")
    assert done.code == 0, done.err
    assert "stopped_by_time" not in json.loads((folder / "result.json").read_text())
