"""``report.html`` of every task, from the folder alone."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning import zoo
from zen_lightning.errors import UserError
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.json_files import write_json
from zen_lightning.tasks.many import run_report
from zen_lightning.tasks.many.run_report import leave_report, write_report
from zen_lightning.tasks.search.search import Search
from zen_lightning.tasks.training.train import Train

CELL = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"
SEARCH = ("search=zen", "budget=params1M", "search.iterations=800", "search.finalists=0", "search.restarts=1")


def test_a_search_leaves_one_and_its_folder_alone_gives_the_same(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*SEARCH, "seed=5", f"output_dir={tmp_path / 'run'}")
    assert ended.code == 0, ended.err
    assert f"report: {tmp_path / 'run' / 'report.html'}" in ended.out
    page = (tmp_path / "run" / "report.html").read_text()
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    for word in (
        "A network for 1.00M parameters and 18 layers",
        result["structure"].replace(")", ")<wbr>").removesuffix("<wbr>"),
        f"{result['score']:.3f}",
        "zennet_cifar100_model_size1M_res32",
        "python run.py search=zen budget=params1M search.iterations=800 search.finalists=0 search.restarts=1 seed=5",
        str(result["git_commit"]).removesuffix("-dirty"),
    ):
        assert word in page, word
    data = json.loads(page.split('id="candidates">')[1].split("</script>")[0])
    shown = {row[0]: row for row in data["points"]}
    with (tmp_path / "run" / "population.csv").open() as file:
        population = list(csv.DictReader(file))
    assert {row["structure"] for row in population[:5]} <= shown.keys()
    row = population[3]
    costs = [float(row[column]) for column in ("params", "flops", "layers", "peak_activations")]
    assert shown[row["structure"]][1:3] == [float(row["score"]), costs]
    assert len(shown) > len(population)  # Those that were only tried come from the journal.
    assert data["points"][-1][0] == result["structure"]
    assert (tmp_path / "run" / "network.svg").read_text().startswith("<svg")

    moved = shutil.move(tmp_path / "run", tmp_path / "moved")
    (Path(moved) / "report.html").unlink()
    ended = zen("task=report", f"run={moved}", f"output_dir={tmp_path / 'report'}")
    assert ended.code == 0, ended.err
    again = (Path(moved) / "report.html").read_text()
    assert again.replace("From the files of moved", "From the files of run") == page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "task=report needs run="),
        (["run=/no/such/run"], "the folder does not exist"),
        (["run=."], "holds no finished run"),
    ],
)
def test_a_folder_without_a_run_is_refused(zen: Zen, tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = zen("task=report", *arguments, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 2
    assert message in ended.err


def test_a_report_that_fails_does_not_fail_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(tmp_path / "result.json", {"seed": 1})

    def broken(*arguments: object) -> str:
        raise RuntimeError("out of ink")

    with monkeypatch.context() as patch:
        patch.setattr(run_report, "build_report", broken)
        leave_report(tmp_path, Search)
    assert capsys.readouterr().out == "no report.html: RuntimeError: out of ink\n"
    monkeypatch.setenv("LOCAL_RANK", "1")
    leave_report(tmp_path, Train)
    assert not (tmp_path / "report.html").exists()


def test_the_task_of_a_folder_without_a_record_is_told_by_its_files(tmp_path: Path) -> None:
    write_json(tmp_path / "result.json", {"iterations": 5})
    assert RunFolder.read(tmp_path).task == "search"
    (tmp_path / "front.csv").touch()
    assert RunFolder.read(tmp_path).task == "pareto"


def page_of(folder: Path, **result: object) -> str:
    write_json(folder / "result.json", result)
    return write_report(folder).read_text()


def test_only_the_configuration_that_the_command_names_says_what_a_task_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, mark = tmp_path / "theirs", tmp_path / "PWNED"
    (theirs / "conf" / "task").mkdir(parents=True)
    (theirs / "evil_of_theirs.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    (theirs / "conf" / "task" / "evil.yaml").write_text("_target_: evil_of_theirs.Task\nname: evil\n")
    (theirs / ".hydra").mkdir()
    source = f"{{path: {theirs / 'conf'}, schema: file, provider: command-line}}"
    (theirs / ".hydra" / "hydra.yaml").write_text(f"hydra: {{runtime: {{config_sources: [{source}]}}}}\n")
    monkeypatch.syspath_prepend(str(theirs))
    page_of(theirs, task="evil", seconds=3.0)
    assert not mark.exists()
    write_report(theirs, folders=[theirs / "conf"])
    assert mark.exists()


def test_a_table_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    write_csv(tmp_path / "history.csv", ["step", "train_loss", "val_top1"], [[1, 2.0, 50.0], [2, 1.0, 51.0]])
    with pytest.raises(UserError, match="hold what no report can show"):
        page_of(tmp_path, task="train", val_top1=51.0)


def test_a_training_shows_its_epochs_and_its_teacher(tmp_path: Path) -> None:
    entry = zoo.entry("zennet_cifar10_model_size1M_res32")
    epochs = [[epoch, epoch * 10, 0.1, 2 / epoch, 1.5 / epoch, 90 + epoch, 99.5, 3.25] for epoch in range(1, 101)]
    header = ["epoch", "step", "lr", "train_loss", "val_loss", "val_top1", "val_top5", "seconds"]
    write_csv(tmp_path / "history.csv", header, epochs)
    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra" / "config.yaml").write_text("teacher: {name: timm, model: resnet18}\nseed: ${missing:}\n")
    facts = {"structure": entry.structure, "params": entry.params, "flops": entry.macs, "layers": 18}
    setting = {"resolution": 32, "num_classes": 10, "use_se": False, "dataset": "cifar10"}
    page = page_of(tmp_path, task="distill", val_top1=94.25, val_top5=99.8, epochs=100, **facts, **setting)
    for word in ("94.25% on cifar10", "timm, resnet18", "60 of 100 epochs", "best: 190.00%, epoch 100", entry.name, "96.2%"):
        assert word in page
    digits = page_of(tmp_path, task="train", val_top1=94.25, **facts, **setting | {"dataset": "digits"})
    assert "Beside the published network" not in digits


def test_a_cell_and_a_structure_of_a_missing_package_have_one_too(tmp_path: Path) -> None:
    setting = {"resolution": 32, "num_classes": 10, "params": 1, "flops": 1, "layers": 1}
    assert "5 cells" in page_of(tmp_path, task="analyze", structure=CELL, **setting)
    page = page_of(tmp_path, task="analyze", structure="SuperMine(3,8,1,1)", **setting)
    assert "SuperMine(3,8,1,1)" in page
    assert 'id="network"' not in page


def test_scores_stages_and_whatever_else_a_task_leaves(tmp_path: Path) -> None:
    row = {"proxy": "zen", "source": "<a>", "structure": "A", "value": 3.0, "standard_error": None, "parts": {}}
    scores = [
        row | {"ranked_alone": False, "seconds": 0.5, "error": ""},
        row | {"ranked_alone": True, "seconds": 0.5, "error": ""},
    ]
    page = page_of(tmp_path, task="score", scores=scores, architectures=[])
    assert "&lt;a&gt;" in page or "3.000" in page
    assert "there is just one" in page
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "report.html").touch()
    stages = {"first": {"folder": "first", "score": 5.5, "seconds": 60.0}, "second": {"folder": "second"}}
    page = page_of(tmp_path, task="pipeline", stages=stages)
    assert 'href="first/report.html"' in page
    assert "second/report.html" not in page
    page = page_of(tmp_path, task="mine", found=3, rows=[{"a": 1, "b": None}], nothing=None, deep={"x": 1})
    assert "task=mine" in page
    assert "<dt>found</dt><dd>3</dd>" in page


@pytest.mark.parametrize("name", zoo.names())
def test_a_published_network_is_the_nearest_to_itself(tmp_path: Path, name: str) -> None:
    entry = zoo.entry(name)
    setting = {"resolution": entry.resolution, "num_classes": entry.num_classes, "use_se": entry.use_se}
    page = page_of(
        tmp_path, task="analyze", structure=entry.structure, params=entry.params, flops=entry.macs, layers=1, **setting
    )
    assert f"<code>{name}</code>" in page.split('id="published"')[1]


def test_records_within_records_are_rows(tmp_path: Path) -> None:
    timed = [{"batch_size": size, "milliseconds": size / 8} for size in (1, 8)]
    page = page_of(tmp_path, task="mine", networks=[{"source": "net.txt", "latencies": timed}], device={"name": "a CPU"})
    for shown in ("net.txt", "0.125", "<dt>device: name</dt><dd>a CPU</dd>"):
        assert shown in page


def test_latencies_of_a_cpu_are_not_set_beside_those_of_a_gpu(tmp_path: Path) -> None:
    entry = zoo.entry("zennet_imagenet1k_latency12ms_res224")
    small = {"structure": "SuperConvK3BNRELU(3,32,2,1)SuperResK3K3(32,64,2,32,1)", "params": 10**6, "flops": 10**8, "layers": 4}
    setting = {"resolution": 224, "num_classes": 1000, "budgets": {"latency_ms": 1.2}, "latency_ms": 1.1, "score": 1.0}
    how = {"predicted_ms": 1.0, "measured_ms": 1.1, "device": "a CPU", "profile": "mine", "trusted": True}
    cpu = how | {"settings": {"device": "cpu", "dtype": "float32", "batch_size": 8}}
    page = page_of(tmp_path, task="search", latency=cpu, **small, **setting)
    assert "measured, a CPU, cpu, float32, batch 8, profile mine" in page
    assert entry.name not in page
    gpu = how | {"settings": {"device": "cuda", "dtype": "float16", "batch_size": 64}}
    assert entry.name in page_of(tmp_path, task="search", latency=gpu, **small, **setting)
