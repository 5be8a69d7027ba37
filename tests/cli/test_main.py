"""What a person at the terminal types, and what they get."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.cli.arguments import prepare
from zen_lightning.config import conf_dir
from zen_lightning.errors import UserError
from zen_lightning.runs.command_record import RECORD, write_record

BAD = [
    (["budget.flops=abc"], r"budget.flops=abc: expected a positive count such as 600000000, 600e6, 600K, 0.6G or 600M"),
    (["budget.params=-3"], r"budget.params=-3: expected a positive count"),
    (["budget.flps=3"], r"unknown key budget.flps; did you mean 'flops'\? The keys of budget are: name, params, flops, layers"),
    (["+budget.foo=3"], r"unknown key budget.foo: the limits are"),
    (
        ["budget=flops60M"],
        r"budget=flops60M: there is no such budget; did you mean 'flops600M'\? Choose one of: accel_nasbench, custom, ",
    ),
    (["serch=zen"], r"unknown key serch; did you mean 'search'\?"),
    (
        ["search=zenn"],
        r"search=zenn: there is no such search; did you mean 'zen'\? Choose one of: az_nas, .*, zen, zen_calibrated, zen_monte",
    ),
    (["task=analyz"], r"task=analyz: there is no such task; did you mean 'analyze'\?"),
    (["seed=abc"], r"seed=abc: expected a whole number, 0 or more"),
    (["budget.layers=two"], r"budget.layers=two: expected a positive count such as 14, or auto, or null"),
    (["search.iterations=0"], r"search.iterations=0: expected 1 or more"),
    (["resolution=0"], r"resolution=0: expected 1 or more"),
    (["proxy.bn_variance=runing"], r"bn_variance=runing: did you mean 'running'\? Choose from: batch, running"),
    (["proxy.fo=1"], r"unknown key proxy.fo\. The keys of proxy are: resolution, bn_variance, gamma"),
    (["+proxy.fo=1"], r"unknown key proxy.fo\. ZenClosedForm has resolution, bn_variance, gamma"),
    (["search.rerank.batch_sise=3"], r"unknown key search.rerank.batch_sise; did you mean 'batch_size'\?"),
    (
        ["search=zen_calibrated", "search.rerank.repeats=1"],
        r"unknown key search.rerank.repeats: search.rerank is null, and has no keys. The keys of search are: name, optimizer, ",
    ),
    (
        ["search.exact.minutes=1"],
        r"unknown key search.exact.minutes: there is no search.exact\. The keys of search are: name, ",
    ),
    (["search.rerank.repeats.x=1"], r"unknown key search.rerank.repeats.x: search.rerank.repeats is 2, and has no keys"),
    (["search.finlists.x=1"], r"unknown key search.finlists.x: there is no search.finlists; did you mean 'finalists'\?"),
    (["search.optimizer.x=1"], r"unknown key search.optimizer.x: search.optimizer is evolution, and has no keys"),
    (["budget.flops.max=1"], r"unknown key budget.flops.max: budget.flops is null, and has no keys"),
    (["seed.x=1"], r"unknown key seed.x: seed is 0, and has no keys$"),
    (["logger.x.y=1"], r"unknown key logger.x.y: there is no logger.x; logger has no keys$"),
    (
        ["-m", "search=zen,zen_calibrated", "search.rerank.repeats=1"],
        r"unknown key search.rerank.repeats: search.rerank is null",
    ),
    (["search.rerank.batch_size=0"], r"batch_size=0: expected 1 or more"),
    (["proxy.gamma=abc"], r"proxy.gamma=abc: expected a number above 0"),
    (["proxy.gamma=0"], r"gamma=0: expected a number above 0"),
    (["search.processes=-1"], r"search.processes=-1: expected 1 or more"),
    (["task=analyze", "arch=SuperConvK3BNRELU(3,8,1,1)", "resolution=0"], r"resolution=0: expected 1 or more"),
    (["arch=SuperConvK3BNRELU(3,8,1,1", "task=analyze"], r"the end at position 25: expected '\)'.*\n.*\n {27}\^"),
    (["device=gpu"], r"device=gpu: expected cpu, cuda"),
    (["start=nofile.txt"], r"start=nofile.txt: expected a structure .* there is no file nofile.txt"),
    (
        ["start=SuperConvK3BNRELU(3,8,1,1)SuperRsK3K3(8,8,1,8,1)"],
        r"unknown super-block 'SuperRsK3K3' at position 26: .*\n.*\n {28}\^",
    ),
    (
        ["budget.params=1000"],
        r"smallest that the space 'resnet' reaches from this start has params 6.30k \(the limit is 1.00k\)",
    ),
    (["budget.params=null", "budget.layers=null"], r"the budget has no limit, which this search_space needs"),
    (["budget.flops={"], r"budget.flops=\{: it cannot be read"),
    (["task=analyze"], r"task=analyze needs arch="),
    (["resume=/no/such/folder"], r"resume=/no/such/folder: the folder does not exist"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_clear_message(zen: Zen, tmp_path: Path, arguments: list[str], message: str) -> None:
    place = [] if arguments[0].startswith("resume") else [f"output_dir={tmp_path}"]
    ended = zen(*arguments, *place)
    assert ended.code == 2
    assert ended.err.startswith("error: ")
    assert re.search(message, ended.err, re.DOTALL)
    assert "Traceback" not in ended.err


def test_a_reference_to_nothing_is_one_line(zen: Zen, tmp_path: Path) -> None:
    """Of a YAML that the task reads by itself, after Hydra has composed the rest."""
    (tmp_path / "proxy").mkdir()
    (tmp_path / "proxy" / "mine.yaml").write_text("_target_: zen_lightning.proxy.zen.ZenScore\ngamma: ${nothing.there}\n")
    task = ("task=score", "arch=zennet_cifar10_model_size1M_res32", "proxies=[mine]", f"output_dir={tmp_path / 'run'}")
    ended = zen(*task, f"--config-dir={tmp_path}")
    assert ended.code == 2
    assert ended.err.splitlines() == ["error: proxy.gamma: it refers to nothing.there, which is not there"]


def test_a_traceback_is_there_for_who_asks(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(UserError, match=r"budget\.flops=abc"):
        zen("budget.flops=abc", f"output_dir={tmp_path}")


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m zen_lightning --help | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("Zero-shot")
    assert done.stderr == ""


def test_a_folder_that_cannot_be_made_is_named(zen: Zen, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = zen("search.iterations=10", f"output_dir={tmp_path / 'file' / 'run'}")
    assert ended.code == 2
    assert str(tmp_path / "file") in ended.err


def test_help_lists_what_there_is(zen: Zen) -> None:
    printed = zen("--help").out
    assert max(map(len, printed.splitlines())) <= 80
    out = " ".join(printed.split())
    for word in (
        "budget: accel_nasbench, custom, flops400M, flops600M",
        "search: az_nas, deepmad, entropy, evolution, fisher, ",
        f"task: {', '.join(sorted(path.stem for path in (conf_dir() / 'task').glob('*.yaml')))}",
        "resume=",
        "-m budget=",
    ):
        assert word in out


def test_structures_are_quoted_for_hydra() -> None:
    assert prepare(["start=A(1,2)B(2,3)", "seed=1", "-m"]) == ["start='A(1,2)B(2,3)'", "seed=1", "-m"]
    assert prepare(["start='A(1,2)'"]) == ["start='A(1,2)'"]
    assert prepare(["arch=4142", "arch=[4142, 0120]", "start=00"]) == ["arch='4142'", "arch=['4142','0120']", "start='00'"]
    assert prepare(["arch=A(1,2"]) == ["arch='A(1,2'"]
    assert prepare(["arch=A(it's|1,2)"]) == ["arch='A(it\\'s|1,2)'"]


@pytest.mark.parametrize(
    ("arguments", "write"),
    [(["--recipe.lr=0.1"], "recipe.lr=0.1"), (["--seed", "1"], "seed=1"), (["task=train", "--fast"], "fast=")],
)
def test_overrides_with_hyphens_are_answered_with_those_without(arguments: list[str], write: str) -> None:
    with pytest.raises(UserError, match=f"keys have no hyphens in front: write {write}"):
        prepare(arguments)


def test_options_may_stand_between_overrides() -> None:
    assert prepare(["seed=1", "-m", "task=analyze"]) == ["-m", "seed=1", "task=analyze"]
    assert prepare(["seed=1", "--config-dir", "mine", "task=analyze"]) == ["--config-dir", "mine", "seed=1", "task=analyze"]
    assert prepare(["seed=1", "-m"]) == ["seed=1", "-m"]
    assert prepare(["seed=1", "task=analyze", "--cfg", "job"]) == ["seed=1", "task=analyze", "--cfg", "job"]


def test_options_of_hydra_have_hyphens() -> None:
    for option in ("--cfg=job", "--help", "--multirun", "--config-dir=mine", "--info=defaults"):
        assert prepare([option]) == [option]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("trainer.max_epochs", "recipe.epochs"),
        ("dataset.path", "dataset.root"),
        ("trainer.limit_train_batches", "limit"),
        ("trainer.resume_from_checkpoint", "resume"),
        ("trainer.max-epochs", "recipe.epochs"),
        ("ckpt_path", "resume"),
        ("img_size", "resolution"),
        ("batch-size", "recipe.batch_size"),
        ("fp16", "trainer.precision"),
        ("model", "arch"),
    ],
)
def test_keys_of_lightning_and_others_are_answered_with_ours(zen: Zen, key: str, meant: str) -> None:
    ended = zen("task=train", "dataset=digits", f"{key}=2")
    assert (ended.code, f"unknown key {key}; did you mean '{meant}'?" in ended.err) == (2, True)


def test_the_folder_of_a_sweep_is_the_one_given() -> None:
    assert prepare(["-m", "seed=1,2", "output_dir=here"]) == ["-m", "seed=1,2", "hydra.sweep.dir=here"]


def test_resume_replays_the_run_and_what_is_added(tmp_path: Path) -> None:
    write_record(
        tmp_path, ["budget=params1M", "output_dir=/elsewhere", "resume=/old", "start=net.txt", "seed=4"], start="A(3,8)"
    )
    write_record(tmp_path, ["seed=5"], start="B(3,8)")  # The first command of a folder is the one that is replayed.
    replayed = prepare([f"resume={tmp_path}", "search.iterations=9"])
    recorded = ["budget=params1M", "seed=4", "start='A(3,8)'"]
    here = [f"resume='{tmp_path}'", f"output_dir='{tmp_path}'", "hydra.output_subdir=null"]
    assert replayed == [*recorded, "search.iterations=9", *here]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"overrides": 3}'])
def test_a_damaged_record_is_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / RECORD).write_text(content)
    with pytest.raises(UserError, match=r"command\.json.*start again with another output_dir"):
        prepare([f"resume={tmp_path}"])


@pytest.mark.parametrize("extra", ["-m", "output_dir=elsewhere", "task=analyze"])
def test_resume_refuses_what_contradicts_it(tmp_path: Path, extra: str) -> None:
    with pytest.raises(UserError, match="resume="):
        prepare([f"resume={tmp_path}", extra])


def test_cells_and_lists_of_architectures_are_quoted() -> None:
    cell = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"
    assert prepare([f"arch={cell}"]) == [f"arch='{cell}'"]
    assert prepare([f"arch=[{cell}, net.txt,A(1,2)B(2,3)]"]) == [f"arch=['{cell}',net.txt,'A(1,2)B(2,3)']"]
    assert prepare(["arch=[one.txt,two.txt]"]) == ["arch=[one.txt,two.txt]"]
    assert prepare(["arch=['A(1,2)','B(2,3)']"]) == ["arch=['A(1,2)','B(2,3)']"]


@pytest.mark.parametrize("option", [["--config-dir=mine"], ["--config-dir", "mine"]])
def test_resume_keeps_the_overrides_together(tmp_path: Path, option: list[str]) -> None:
    write_record(tmp_path, ["task=correlate", "accuracies=known.csv", "seed=4"], accuracies="/here/it's known.csv")
    for arguments in ([*option, f"resume={tmp_path}", "sample=9"], [f"resume={tmp_path}", "sample=9", *option]):
        replayed = prepare(arguments)
        assert replayed[: len(option) + 4] == [
            *option,
            "task=correlate",
            "seed=4",
            "accuracies='/here/it\\'s known.csv'",
            "sample=9",
        ]


def test_a_dataset_needs_its_folder_and_noise_has_none(zen: Zen, tmp_path: Path) -> None:
    ended = zen("search=naswot", "dataset=image_folder", f"output_dir={tmp_path / 'a'}")
    assert (ended.code, "expected dataset.root=DIR" in ended.err) == (2, True)
    ended = zen("search=naswot", f"dataset.root={tmp_path}", f"output_dir={tmp_path / 'b'}")
    assert (ended.code, "expected dataset=image_folder" in ended.err) == (2, True)


def test_a_search_runs_under_the_name_of_its_proxy(zen: Zen, tmp_path: Path) -> None:
    ended = zen("search=flops", "proxy=params", f"output_dir={tmp_path}")
    assert (ended.code, "use search=evolution proxy=params" in ended.err) == (2, True)


def test_a_proxy_that_can_score_nothing_says_why(zen: Zen, tmp_path: Path) -> None:
    ended = zen("search=zen", "budget=nas_bench_201", "search.iterations=20", f"output_dir={tmp_path}")
    assert ended.code == 2
    assert "the closed form scores rows of super-blocks, not a CellArchitecture" in ended.err
    assert "raise the limit" not in ended.err


def test_folders_among_the_values_of_a_sweep_are_rooted_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("w.safetensors", "one,two", "it's"):
        (tmp_path / name).write_text("")
    assert prepare(["-m", "dataset.root=a,'b'"]) == ["-m", f"dataset.root='{tmp_path}/a','{tmp_path}/b'"]
    assert prepare(["-m", "dataset.root=one,two"]) == ["-m", f"dataset.root='{tmp_path}/one,two'"]
    assert prepare(["-m", "dataset.root='a,b'"]) == ["-m", f"dataset.root='{tmp_path}/a,b'"]
    assert prepare(["-m", "weights=null,w.safetensors,name"]) == ["-m", f"weights=null,'{tmp_path}/w.safetensors',name"]
    assert prepare(["-m", "dataset.root=choice(a,b)"]) == ["-m", "dataset.root=choice(a,b)"]
    assert prepare(["dataset.root=a,b"]) == [f"dataset.root='{tmp_path}/a,b'"]
    rooted = prepare(["-m", "weights=it's,name"])
    assert rooted == ["-m", f"weights='{tmp_path}/it\\'s',name"]
    assert prepare(rooted) == rooted


def test_ctrl_c_while_the_command_line_is_imported(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'zen_lightning.cli.main':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    command = [sys.executable, "-m", "zen_lightning"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_keys_of_another_task_are_not_taken_for_those_of_another_program(zen: Zen) -> None:
    for key in ("teacher.model", "teacher.checkpoint"):
        ended = zen("task=train", "dataset=digits", f"{key}=resnet18")
        assert ended.code == 2
        assert "did you mean 'task=distill'" in ended.err, ended.err


def test_a_key_that_is_given_twice_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    prepare(["task=train", "seed=1", "seed=1", "arch=a.txt", "arch=b.txt"])
    assert capsys.readouterr().err == "arch is given 2 times: arch=b.txt counts\n"


@pytest.mark.parametrize("inside", ["checkpoints", "checkpoints/last.ckpt", "weights.safetensors"])
def test_what_lies_within_a_run_names_it(tmp_path: Path, inside: str) -> None:
    write_record(tmp_path, ["task=train"])
    (tmp_path / inside).parent.mkdir(exist_ok=True)
    (tmp_path / inside).touch() if "." in inside else (tmp_path / inside).mkdir()
    with pytest.raises(UserError, match=f"which is what is continued; write resume={tmp_path}$"):
        prepare([f"resume={tmp_path / inside}"])


def test_a_resume_of_nothing_names_what_it_takes() -> None:
    with pytest.raises(UserError, match=r"^resume=true: expected the folder of the run to continue, or auto"):
        prepare(["task=train", "resume=true"])


@pytest.mark.parametrize("beside", [True, False])
def test_a_process_beside_the_main_one_ends_at_once(tmp_path: Path, beside: bool) -> None:
    script = "import atexit; atexit.register(print, 'at the end'); from zen_lightning.cli.main import main; main()"
    variables = {"ZEN_LIGHTNING_MAIN_PID": str(os.getpid())} if beside else {}
    ended = subprocess.run(
        [sys.executable, "-c", script, "task=nothing"],
        env={**os.environ, **variables},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, "at the end" in ended.stdout) == (2, not beside), ended
    assert "error: " in ended.stderr


@pytest.mark.parametrize(("action", "code"), [("default_int_handler", 130), ("SIG_IGN", 2)])
def test_ctrl_c_as_python_ends_is_no_traceback(action: str, code: int, tmp_path: Path) -> None:
    """Pressed a second time, say, while threads are waited for; what scripts start in the background ignores it."""
    script = f"import signal; signal.signal(signal.SIGINT, signal.{action})\n"
    script += "import atexit, sys; atexit.register(lambda: (print('ends', flush=True), sys.stdin.read()))\n"
    script += "import runpy; runpy.run_module('zen_lightning', run_name='__main__')"
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = subprocess.Popen([sys.executable, "-c", script, "task=nothing"], cwd=tmp_path, text=True, **streams)
    assert process.stdout is not None
    assert process.stdout.readline() == "ends\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in said) == (code, False), said


def test_who_calls_the_command_line_from_python_keeps_ctrl_c(tmp_path: Path) -> None:
    script = (
        "import signal\n"
        "from zen_lightning.__main__ import main\n"
        "before = signal.getsignal(signal.SIGINT)\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    print(stop.code, signal.getsignal(signal.SIGINT) is before)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, "task=nothing"], cwd=tmp_path, capture_output=True, text=True)
    assert ended.stdout == "2 True\n", ended
