"""``zl.compare``, ``zl.correlate``, ``zl.analyze``, ``zl.export``: what they find is what the tasks leave."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import zen_lightning as zl
from command_line import Zen
from zen_lightning.api.sources import Setting
from zen_lightning.api.trained import Said
from zen_lightning.correlate.scoring import NamedProxy, Scored
from zen_lightning.errors import UserError
from zen_lightning.proxy.counts import Params
from zen_lightning.runs.result import read_result
from zen_lightning.space import search_space

NET = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)"
OTHER = "SuperConvK3BNRELU(3,8,2,1)SuperResK5K5(8,24,2,8,1)"
PUBLISHED = "zennet_cifar10_model_size05M_res32"
CELLS = list(islice(search_space("nas_bench_201").members(), 3000, 15000, 1500))
NASWOT = {"name": "naswot", "batch_size": 4}


@pytest.fixture
def known(tmp_path: Path) -> Path:
    path = tmp_path / "known.csv"
    rows = [f"{cell},{50 + index},{cell.num_layers}" for index, cell in enumerate(CELLS)]
    path.write_text("\n".join(["architecture,top1,deep", *rows]) + "\n")
    return path


def test_a_comparison_is_that_of_the_task(zen: Zen, tmp_path: Path) -> None:
    sources, proxies = [NET, OTHER, PUBLISHED], "[zen,params,{name: naswot, batch_size: 4}]"
    ended = zen("task=compare", f"arch=[{','.join(sources)}]", f"proxies={proxies}", "resolution=32", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    left = read_result(tmp_path)
    # The default budget of the command line brings 100 classes for networks that nothing is recorded with.
    found = zl.compare(sources, ["zen", "params", NASWOT], resolution=32, fallback=Setting(32, 100))
    assert [(one["name"], one["params"], one["flops"]) for one in left["networks"]] == [
        (one.name, one.counts["params"], one.counts["flops"]) for one in found.networks
    ]
    keys = ("proxy", "network", "value", "parts", "error")
    assert [[row[key] for key in keys] for row in left["scores"]] == [
        [getattr(score, key) for key in keys] for score in found.scores
    ]
    assert [(step["from"], [block["kind"] for block in step["blocks"]]) for step in left["changes"]] == [
        (step.old.name, [block.kind for block in step.blocks]) for step in found.steps
    ]


def test_a_comparison_says_what_is_wrong() -> None:
    for archs, expected in (([NET], "two architectures or more"), (NET, "a list, each item text")):
        with pytest.raises(UserError, match=f"archs=.*: expected {expected}"):
            zl.compare(archs)
    with pytest.raises(UserError, match=r"proxies=zenn: did you mean 'zen'\?"):
        zl.compare([NET, OTHER], "zenn")
    with pytest.raises(UserError, match=r"unknown key proxies.naswot.batchsize; did you mean 'batch_size'\?"):
        zl.compare([NET, OTHER], {"name": "naswot", "batchsize": 4})
    with pytest.raises(UserError, match="proxies= has params twice"):
        zl.compare([NET, OTHER], ["params", Params(10)])
    with pytest.raises(UserError, match="az_nas ranks networks among each other"):
        zl.compare([NET, PUBLISHED], "az_nas")


def test_proxies_are_taken_as_objects() -> None:
    mine = NamedProxy("mine", Params(10), {})
    found = zl.compare([NET, OTHER], [mine, "params"], num_classes=10)
    assert [score.value for score in found.scores[:2]] == [score.value for score in found.scores[2:]]
    assert [score.proxy for score in found.scores] == ["mine", "mine", "params", "params"]


def test_a_study_is_that_of_the_task(zen: Zen, known: Path, tmp_path: Path) -> None:
    out, mine = tmp_path / "out", tmp_path / "mine"
    ended = zen(
        *("task=correlate", f"accuracies={known}", "accuracy=top1", "proxies=[params,{name: naswot, batch_size: 4}]", "best=2"),
        *("bootstrap=50", "sample=6", "seed=3", "given=deep", "within={flops: 50%}", f"output_dir={out}"),
    )
    assert ended.code == 0, ended.err
    steps: list[Scored] = []
    asked = {
        "accuracy": "top1",
        "bootstrap": 50,
        "sample": 6,
        "seed": 3,
        "given": "deep",
        "within": {"flops": "50%"},
        "best": 2,
    }
    found = zl.correlate(known, ["params", NASWOT], **asked, folder=mine, progress=steps.append)
    left, own = read_result(out), read_result(mine)
    timed = ("seconds", "seconds_per_network", "dataset")
    for result in (left, own):
        for row in [result, *result["proxies"]]:
            for key in timed:
                row.pop(key, None)
    assert own == left
    assert (mine / "scores.csv").read_bytes() == (out / "scores.csv").read_bytes()
    assert steps[0] == Scored(0, 12, 0)
    assert steps[-1] == Scored(12, 12, 0)
    assert found.kendall == max(row["kendall"] for row in left["proxies"])
    assert found["params"].correlation.networks == 6
    again = zl.correlate(known, ["params", NASWOT], **asked, folder=mine, progress=steps.append)
    assert steps[-1] == Scored(12, 12, 12), "scores of the folder are not computed again"
    assert again.results[0].findings == found.results[0].findings


def test_accuracies_are_given_as_a_mapping_and_nothing_is_left(
    known: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    by_file = zl.correlate(known, ["params", "flops"], accuracy="top1", bootstrap=20)
    by_text = zl.correlate({str(cell): 50.0 + index for index, cell in enumerate(CELLS)}, ["params", "flops"], bootstrap=20)
    by_object = zl.correlate({cell: 50 + index for index, cell in enumerate(CELLS)}, ["params", "flops"], bootstrap=20)
    assert [one.findings for one in by_file.results] == [one.findings for one in by_text.results]
    assert [one.findings for one in by_file.results] == [one.findings for one in by_object.results]
    assert by_text.plan.known.name == "the accuracies given"
    assert list(tmp_path.iterdir()) == [known]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"accuracies": {NET: 1.0}}, "there are 1 architectures"),
        ({"accuracies": {NET: "high"}}, "has top1 'high': expected a number"),
        ({"accuracies": "no.csv"}, "no.csv: there is no such file"),
        ({"accuracy": None}, "several columns of numbers: choose one by accuracy="),
        ({"sample": 2}, "sample=2: expected 3 or more"),
        ({"within": {"flop": "10%"}}, "within: there is no 'flop'"),
        ({"budgets": 3}, "budgets=3: expected a mapping"),
        ({"best": 0}, "best=0: expected how many networks are picked"),
        ({"bootstrap": -1}, "bootstrap=-1: expected 0 or more"),
        ({"given": "sea"}, "given: there is no 'sea'"),
        ({"workers": 0}, "workers=0: expected a count of 1 or more"),
    ],
)
def test_a_study_says_what_is_wrong(known: Path, asked: dict[str, Any], sentence: str) -> None:
    arguments: dict[str, Any] = {"accuracies": known, "accuracy": "top1", "proxies": "params", **asked}
    with pytest.raises(UserError) as caught:
        zl.correlate(**arguments)
    assert sentence in str(caught.value)
    assert caught.value.key or "accurac" in str(asked)


def test_an_analysis_is_that_of_the_task(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=analyze", f"arch={NET}", "resolution=32", "num_classes=10", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    left, found = read_result(tmp_path), zl.analyze(NET, 32, 10)
    for key in ("params", "flops", "layers", "zen_running", "zen_batch"):
        assert left[key] == getattr(found, key), key
    assert left["stages"] == [row._asdict() for row in found.stages]


def test_an_export_is_that_of_the_task(zen: Zen, tmp_path: Path) -> None:
    out, mine = tmp_path / "out", tmp_path / "mine"
    how = ("format=torch_export", "random_weights=true", "resolution=16", "num_classes=4", "seed=2")
    ended = zen("task=export", f"arch={NET}", *how, f"output_dir={out}")
    assert ended.code == 0, ended.err
    (left,) = read_result(out)["files"]
    found = zl.export(NET, mine, "torch_export", random_weights=True, seed=2, said=Said(16, 4))
    (own,) = found.files
    assert (own.path.name, own.size > 0, own.format) == (left["file"], True, left["format"])
    assert found.trained.setting[:2] == (16, 4)
    assert own.relative_difference == left["relative_difference"]
