"""``task=aggregate``: many runs as one table."""

import csv
import json
from pathlib import Path

import pytest

from command_line import Zen
from run_files import leave, pipeline, trained


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    for number, (lr, seed, top1) in enumerate([("0.1", 0, 90.0), ("0.1", 1, 92.0), ("0.4", 0, 80.0), ("0.4", 1, 80.0)]):
        overrides = ["task=train", "arch=net.txt", f"recipe.lr={lr}", f"seed={seed}"]
        leave(tmp_path / "sweep" / str(number), overrides, trained("digits", top1))
    return tmp_path / "sweep"


def test_names_of_folders_are_text_in_what_is_left_out(zen: Zen, sweep: Path, tmp_path: Path) -> None:
    leave(sweep / "<b>www.x", ["task=train", "arch=net.txt", "recipe.lr=0.4", "seed=2"], None)
    assert zen("task=aggregate", f"sweep={sweep}", f"output_dir={tmp_path / 'out'}").code == 0
    assert "&lt;b>www&#46;x: " in (tmp_path / "out" / "table.md").read_text()


def test_groups_are_what_varies_but_the_seed(zen: Zen, sweep: Path, tmp_path: Path) -> None:
    leave(sweep / "9", ["task=train", "arch=net.txt", "recipe.lr=0.4", "seed=2"], None)
    out = sweep / "sum"
    ended = zen("task=aggregate", f"sweep={sweep}", f"output_dir={out}")
    assert ended.code == 0, ended.err
    rows = table(out / "table.csv")
    assert [(row["recipe.lr"], row["runs"], row["val_top1_mean"]) for row in rows] == [
        ("0.1", "2", "91.0"),
        ("0.4", "2", "80.0"),
    ]
    assert float(rows[0]["val_top1_std"]) == pytest.approx(2**0.5)
    assert "| 0.1 | 2 | 91.00 ± 1.41 | 1000 |" in (out / "table.md").read_text()
    assert r"$91.00 \pm 1.41$" in (out / "table.tex").read_text()
    runs = table(out / "runs.csv")
    assert [row["state"].partition(";")[0] for row in runs] == ["finished"] * 4 + ["unfinished"]
    assert (runs[1]["seed"], runs[1]["recipe.lr"], runs[1]["val_top1"]) == ("1", "0.1", "92.0")
    assert f"python run.py resume={sweep}/9" in ended.out
    result = json.loads((out / "result.json").read_text())
    assert (result["runs"], result["by"], len(result["incomplete"])) == (4, ["recipe.lr"], 1)
    assert (out / "table.png").stat().st_size > 1000


def test_what_a_group_mixes_is_said(zen: Zen, sweep: Path, tmp_path: Path) -> None:
    leave(sweep / "again", ["task=train", "arch=net.txt", "recipe.lr=0.1", "seed=0"], trained("digits", 90.0, val_top1=None))
    ended = zen("task=aggregate", f"sweep={sweep}", "by=dataset", "metrics=[val_top1,epochs]", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    notes = json.loads((tmp_path / "out" / "result.json").read_text())["notes"]
    assert notes[0] == "groups hold runs that differ in more than the seed: recipe.lr"
    assert notes[1].startswith("2 runs share settings and seed")
    assert notes[2].startswith("1 runs have a result without val_top1")
    assert "85.50 ± 6.40 (n=4)" in (tmp_path / "out" / "table.md").read_text()


def test_proxies_beside_the_published_table(zen: Zen, tmp_path: Path) -> None:
    for proxy, top1 in (("zen", 96.0), ("naswot", 95.0)):
        for seed in (0, 1):
            found = {"proxy": proxy, "search": proxy, "score": 9.0, "structure": f"{proxy}{seed}"}
            stages = {"search": found, "cifar10": trained("cifar10", top1 + seed), "cifar100": trained("cifar100", top1 - 20)}
            pipeline(tmp_path / "runs" / f"{proxy}-{seed}", [f"experiment={proxy}_cifar_params1M", f"seed={seed}"], stages)
    leave(tmp_path / "runs" / "alone", ["task=train", "arch=gone"], trained("cifar100", 70.0, structure="naswot1"))
    out = tmp_path / "out"
    ended = zen("task=aggregate", f"sweep={tmp_path / 'runs'}", f"output_dir={out}")
    assert ended.code == 0, ended.err
    cells = {(row["proxy"], row["dataset"]): row for row in table(out / "proxies.csv")}
    assert [cells["zen", "cifar10"][key] for key in ("n", "mean", "published")] == ["2", "96.5", "96.2"]
    assert cells["zen", "cifar100"]["std"] == "0.0"
    assert cells["naswot", "cifar100"]["n"] == "3"  # The one alone is known by its structure.
    assert cells["synflow", "cifar10"]["n"] == "0"
    assert "| zen | 96.50 ± 0.71 | 2 | 96.2 | 76.00 ± 0.00 | 2 | 80.1 |" in (out / "proxies.md").read_text()
    assert "published: Lin et al., Zen-NAS" in (out / "proxies.md").read_text()
    assert {path.name for path in out.glob("proxies.*")} == {"proxies.csv", "proxies.md", "proxies.png", "proxies.tex"}


def test_pipelines_of_a_users_own_differ_in_their_proxy(zen: Zen, tmp_path: Path) -> None:
    for number, (proxy, stages) in enumerate([("zen", "a"), ("zen", "b"), ("naswot", "c")]):
        found = {"search": {"proxy": proxy, "score": float(number)}}
        pipeline(tmp_path / "runs" / str(number), [f"stages={stages}", "seed=0"], found)
    ended = zen("task=aggregate", f"sweep={tmp_path / 'runs'}", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert [(row["proxy"], row["runs"]) for row in table(tmp_path / "out" / "table.csv")] == [("naswot", "1"), ("zen", "2")]
    notes = json.loads((tmp_path / "out" / "result.json").read_text())["notes"]
    assert notes == ["groups hold runs that differ in more than the seed: stages"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "needs sweep="),
        (["sweep={empty}"], "holds no runs"),
        (["sweep={broken}"], "no run there has a result"),
        (["sweep={sweep}", "metrics=val_top"], "no run has a metric 'val_top'; did you mean 'val_top1'?"),
        (["sweep={sweep}", "by=recipe.l"], "no run has a setting 'recipe.l'; did you mean 'recipe.lr'?"),
        (["sweep={sweep}", "metrics=3"], "no run has a metric '3'. They have: val_top1"),
    ],
)
def test_what_cannot_be_used(zen: Zen, sweep: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "empty").mkdir()
    leave(tmp_path / "broken" / "one", ["seed=1"], '{"sc')
    places = {"sweep": sweep, "empty": tmp_path / "empty", "broken": tmp_path / "broken"}
    words = ["task=aggregate", *(argument.format(**places) for argument in arguments), f"output_dir={tmp_path / 'out'}"]
    ended = zen(*words)
    assert (ended.code, message in ended.err) == (2, True), ended.err
    checked = zen(*words, "task=validate")
    assert (checked.code, message.partition(";")[0].partition(". They")[0] in checked.out) == (1, True), checked
