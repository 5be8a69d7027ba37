"""Variables of the environment that hold nonsense: a sentence names each, in a run and in its validation."""

import errno
import json
import os
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Zen

TRAINING = ("task=train", "arch=zennet_cifar10_model_size05M_res32", "dataset=digits")


@pytest.mark.parametrize("name", ["WORLD_SIZE", "SLURM_NTASKS", "RANK", "SLURM_NNODES"])
@pytest.mark.parametrize(("more", "code"), [((), 2), (("task=validate",), 1)])
def test_what_a_launcher_would_set(
    zen: Zen, monkeypatch: pytest.MonkeyPatch, name: str, more: tuple[str, ...], code: int
) -> None:
    monkeypatch.setenv(name, "x")
    ended = zen(*TRAINING, *more)
    assert (ended.code, f"{name}=x in the environment" in ended.out + ended.err) == (code, True), ended


@pytest.mark.parametrize(("more", "code"), [((), 2), (("task=validate",), 1)])
def test_a_mode_that_wandb_does_not_know(zen: Zen, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], code: int) -> None:
    monkeypatch.setenv("WANDB_MODE", "nonsense")
    ended = zen(*TRAINING, "logger=wandb", *more)
    assert (ended.code, "WANDB_MODE=nonsense in the environment" in ended.out + ended.err) == (code, True), ended


RUN = [sys.executable, str(Path(__file__).parents[2] / "run.py")]


@pytest.mark.parametrize("variable", ["RANK=x", "LOCAL_RANK=", "RANK=3", "LOCAL_RANK=1000000000", "SLURM_PROCID=3"])
@pytest.mark.parametrize("more", [(), ("task=validate",)])
def test_what_lightning_reads_as_it_is_imported(tmp_path: Path, variable: str, more: tuple[str, ...]) -> None:
    """In a new process, and not silently as if it were one of several, which prints and writes nothing."""
    name, _, value = variable.partition("=")
    ended = subprocess.run(
        [*RUN, *TRAINING, *more], cwd=tmp_path, env={**os.environ, name: value}, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, f"{variable} in the environment" in ended.stdout + ended.stderr) == (1 if more else 2, True), (
        ended
    )
    assert "Error getting object" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams(tmp_path: Path, closed: str) -> None:
    """What a shell has closed is no fault, and no file of the run gets the number of a stream."""
    command = shlex.join([*RUN, "search=zen", "budget=params1M", "search.iterations=20", "search.population_size=5"])
    command += " search.finalists=0 output_dir=run"
    ended = subprocess.run(["sh", "-c", f"{command} {closed}"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended
    assert json.loads((tmp_path / "run" / "result.json").read_text())["finished"] is True


def test_names_that_are_no_unicode(tmp_path: Path) -> None:
    """A file system takes any bytes as names: the report shows them, as far as they can be shown."""
    words = ["search=zen", "budget=params1M", "search.iterations=20", "search.population_size=5", "search.finalists=0"]
    command = [*map(os.fsencode, [*RUN, *words]), b"output_dir=a\xff"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert (ended.returncode, b"no report.html" in ended.stdout + ended.stderr) == (0, False), ended
    assert (tmp_path / os.fsdecode(b"a\xff") / "report.html").is_file()


@pytest.mark.parametrize("address", ["http://[::1", "http://host:port/", "no address", "ftp://example.org/zoo", "https://"])
def test_the_address_of_the_mirror(zen: Zen, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO_URL", address)
    ended = zen("task=zoo", "arch=zennet_cifar10_model_size05M_res32", "download=true")
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert address.rstrip("/") in ended.err


def test_an_override_that_is_nested_deeply(zen: Zen) -> None:
    for value in ("[" * 200, "[" * 200 + "]" * 200, "{a:" * 200 + "1" + "}" * 200):
        ended = zen("search=zen", "budget=params1M", f"search.iterations={value}", "task=validate")
        assert (ended.code, "search.iterations" in ended.out) == (1, True), ended


def test_a_number_of_many_digits(zen: Zen) -> None:
    for key in ("seed", "search.iterations", "budget.params"):
        ended = zen("search=zen", "budget=params1M", f"{key}={'9' * 5000}", "task=validate")
        assert (ended.code, key in ended.out, len(ended.out) < 3000) == (1, True, True), ended
        ended = zen("search=zen", "budget=params1M", "search.finalists=0", f"{key}={'9' * 5000}")
        assert (ended.code, ended.err.startswith(f"error: {key}=999"), len(ended.err) < 1000) == (2, True, True), ended


def test_a_number_of_many_digits_in_a_sweep(zen: Zen) -> None:
    ended = zen("-m", "search=zen", "budget=params1M", "seed=1,2", f"search.iterations={'9' * 5000}", "task=validate")
    assert (ended.code, "search.iterations" in ended.out, len(ended.out) < 3000) == (1, True, True), ended


@pytest.mark.parametrize(
    ("task", "key", "value"),
    [
        ("analyze", "recipe.cutmix", "'${x}'"),
        ("tune", "calibration", "9" * 5000),
        ("zoo", "trainer", "9" * 5000),
        ("search", "shape", "1e-400"),
        ("search", "shape", "0"),
        ("profile", "extent.fitted", "{_target_:os.system}"),
    ],
)
def test_values_that_a_campaign_found(zen: Zen, task: str, key: str, value: str) -> None:
    ended = zen(f"task={task}", "budget=params1M", f"{key}={value}", "task=validate")
    assert (ended.code in (1, 2), key in ended.out + ended.err) == (True, True), ended


@pytest.mark.parametrize("name", ["pipe", "/dev/zero"])
def test_weights_that_never_end(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Nobody waits for a pipe, and no endless file is read."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    ended = zen("task=evaluate", "arch=zennet_cifar10_model_size05M_res32", "dataset=digits", f"weights={name}")
    assert (ended.code, "and must be a file: name the file of the weights" in ended.err, "weights" in ended.err) == (
        2,
        True,
        True,
    ), ended


@pytest.mark.long
@pytest.mark.parametrize(("kib", "kept"), [(1, False), (30, True)])
def test_a_limit_on_the_size_of_files(tmp_path: Path, kib: int, kept: bool) -> None:
    """``ulimit -f``, in Hydra's part of a run, and as a training writes its checkpoints and pictures."""
    small = ("recipe.epochs=1", "recipe.warmup_epochs=0", "limit=32", "trainer.loader_workers=0", "output_dir=run")
    arch = "arch=SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,2,8,1)"
    ended = subprocess.run(
        [*RUN, "task=train", arch, "dataset=digits", *small],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kib << 10, kib << 10)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 2, ended
    assert "error: a file would be larger than the system allows" in ended.stderr
    assert ("continue with resume=run" in ended.stderr) == kept
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (RuntimeError("can't start new thread"), "no more processes or threads may be started"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "no more processes or threads may be started"),
        (OSError(errno.EMFILE, "Too many open files"), "too many files are open"),
        (MemoryError(), "the memory that this process may have is used up"),
    ],
)
def test_limits_of_the_system(zen: Zen, monkeypatch: pytest.MonkeyPatch, raised: Exception, said: str) -> None:
    """A sentence, and no line of Hydra's before it."""

    def run_task(*_: object) -> None:
        raise raised

    monkeypatch.setattr("zen_lightning.cli.main.run_task", run_task)
    ended = zen("search=zen", "budget=params1M")
    assert (ended.code, ended.err.startswith(f"error: {said}")) == (2, True), ended
