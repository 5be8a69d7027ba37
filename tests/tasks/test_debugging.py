import cProfile
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from command_line import Zen
from training_commands import STRUCTURE
from zen_lightning.config import conf_dir, register
from zen_lightning.tasks import debugging
from zen_lightning.tasks.debugging import debugged_keys
from zen_lightning.tasks.many.stages import read_stages

TRAIN = ("task=train", f"arch={STRUCTURE}", "dataset=digits")
LARGER = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,16,1)SuperResK3K3(16,32,2,32,1)SuperConvK1BNRELU(32,64,1,1)"


def result(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "result.json").read_text()))


def test_fast_is_one_batch_of_each(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*TRAIN, "debug=fast", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert (result(tmp_path)["epochs"], result(tmp_path)["train_images"]) == (1, 32)
    assert (tmp_path / "history.csv").read_text().splitlines()[1].startswith("1,8,")
    evaluated = zen("task=evaluate", f"arch={tmp_path}", "debug=fast", f"output_dir={tmp_path / 'evaluate'}")
    assert evaluated.code == 0, evaluated.err
    assert result(tmp_path / "evaluate")["images"] == 16


def test_overfit_says_whether_the_images_were_learned(zen: Zen, tmp_path: Path) -> None:
    learned = zen(
        "task=train", f"arch={LARGER}", "dataset=digits", "debug=overfit", "recipe.epochs=40", f"output_dir={tmp_path / 'a'}"
    )
    assert learned.code == 0, learned.err
    assert "memorised" in learned.out
    failed = zen(*TRAIN, "debug=overfit", "recipe.lr=0", "recipe.epochs=3", f"output_dir={tmp_path / 'b'}")
    assert failed.code == 2
    assert "32 images were not memorised in 3 epochs" in failed.err


def own_functions(folder: Path) -> str:
    """Return the first table of a profile."""
    return (folder / "profile.txt").read_text().partition("\nAll, by")[0]


def test_profile_of_a_training_of_one_step_has_that_step(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zen_lightning.tasks.debugging._MOST", 10**6)  # How long the step takes is not what is tested.
    ended = zen(*TRAIN, "debug=profile", "limit=32", "recipe.epochs=1", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "(training_step)" in own_functions(tmp_path)
    assert "The costliest operations of 1 step" in ended.out


def test_functions_of_libraries_are_not_of_this_project_in_whatever_folder() -> None:
    names = [f"/home/me/zen_lightning/.venv/lib/artist.py{end}" for end in ("", ".py")] + [debugging.__file__]
    profiler = cProfile.Profile()
    for name in names:
        profiler.runctx(compile("sum([])", name, "exec"), {}, {})
    own = debugging._report(profiler).partition("\nAll, by")[0]
    assert debugging.__file__ in own
    assert "artist.py" not in own


@pytest.mark.long
def test_profile_leaves_a_profile_of_a_search_and_of_a_training(zen: Zen, tmp_path: Path) -> None:
    ended = zen("debug=profile", f"output_dir={tmp_path / 'search'}")
    assert ended.code == 0, ended.err
    text = (tmp_path / "search" / "profile.txt").read_text()
    assert "by the time in a function itself" in text
    assert "zen_lightning/search/evolution.py" in text
    ended = zen(*TRAIN, "debug=profile", f"output_dir={tmp_path / 'train'}")
    assert ended.code == 0, ended.err
    assert "(optimizer_step)" in own_functions(tmp_path / "train")
    assert "training_step" in (tmp_path / "train" / "fit-profile.txt").read_text()


@pytest.mark.parametrize("task", ["train", pytest.param("distill", marks=pytest.mark.long)])
def test_profile_traces_some_steps_and_lists_what_they_cost(zen: Zen, tmp_path: Path, task: str) -> None:
    more: tuple[str, ...] = ()
    if task == "distill":
        teacher = tmp_path / "teacher"
        assert zen(*TRAIN, "debug=fast", f"output_dir={teacher}").code == 0
        more = ("teacher=checkpoint", f"teacher.arch={teacher}", "distillation.first_ratio=4")
    ended = zen(f"task={task}", *TRAIN[1:], "debug=profile", "debug.trace_steps=2", *more, f"output_dir={tmp_path / 'run'}")
    assert (ended.code, ended.err) == (0, ""), ended.err
    assert "The costliest operations of 2 steps" in ended.out
    assert "aten::convolution_backward" in ended.out
    assert max(map(len, ended.out[ended.out.index("operation ") :].split("the trace of")[0].splitlines()[:-1])) <= 81
    path = tmp_path / "run" / "trace.json"
    assert f"the trace of these steps: {path} (open it in https://ui.perfetto.dev" in ended.out
    assert sum(event.get("name", "").startswith("ProfilerStep") for event in json.loads(path.read_text())["traceEvents"]) >= 2
    assert "(optimizer_step)" in own_functions(tmp_path / "run")  # The other profiler went on after them.


@pytest.fixture
def hydra() -> Iterator[None]:
    register()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        yield


@pytest.mark.usefixtures("hydra")
def test_what_debugging_sets_is_known_with_what_it_inherits() -> None:
    keys = debugged_keys(["seed=1", "debug=overfit"])
    assert {"search.iterations", "recipe.augmentation.crop", "debug.loss_below", "limit"} <= keys
    assert debugged_keys(["seed=1"]) == set()


@pytest.mark.usefixtures("hydra")
@pytest.mark.parametrize(("debug", "as_written"), [((), True), (("debug=fast",), False)])
def test_what_debugging_sets_goes_before_what_a_stage_says(debug: tuple[str, ...], as_written: bool, tmp_path: Path) -> None:
    config = compose("config", ["experiment=quickstart", *debug])
    first = read_stages(config, tmp_path, [*debug, "seed=3"])[0].overrides
    assert ("search.iterations=50000" in first) == as_written
    assert "budget.params=100k" in first
    assert first[-1 - len(debug) :] == [*debug, "seed=3"]
