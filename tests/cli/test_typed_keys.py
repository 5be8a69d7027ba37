"""Errors name the key that was typed."""

from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.cli.typed_keys import named_sentence, with_typed_keys
from zen_lightning.errors import UserError

NET = "zennet_cifar10_model_size05M_res32"
STOPPING = "trainer.early_stopping"
TABLE = "architecture,accuracy\n" + "".join(f'"SuperConvK3BNRELU(3,{width},1,1)",{width}\n' for width in range(8, 12))


@pytest.mark.parametrize(
    ("key", "typed", "told"),
    [
        ("budget.params", "params=0", "params"),
        ("budget.params", "budget.params=0", "budget.params"),
        ("budget.layers", "params=0", "budget.layers"),
        (f"{STOPPING}.patience", f"{STOPPING}=0", STOPPING),
        (f"{STOPPING}.patience", f"{STOPPING}={{patience: 0}}", f"{STOPPING}.patience"),
        (f"{STOPPING}.monitor", f"{STOPPING}=0", f"{STOPPING}.monitor"),
        ("dataset", "dataset.name=0", "dataset.name"),
        ("dataset", "dataset=0", "dataset"),
    ],
)
def test_a_key_that_stands_for_another_is_told(key: str, typed: str, told: str) -> None:
    error = UserError(key=key, value=0, expected="1 or more", involves=["dataset.name"])
    assert str(with_typed_keys(error, ["task=train", typed])) == f"{told}=0: expected 1 or more"


def test_of_two_spellings_the_one_that_the_error_is_about_is_told() -> None:
    error = UserError(key="budget.params", value=0, expected="1 or more")
    assert with_typed_keys(error, ["params=5", "budget.params=0"]).key == "budget.params"
    name = UserError(key="dataset", value="x", expected="noise")
    assert with_typed_keys(name, ["dataset.name=x"]).key == "dataset"  # Its name has no part in it.


def test_a_sentence_without_its_key_gets_it() -> None:
    without, own = UserError("net.pt: no such file", key="weights"), UserError("weights: no such file", key="weights")
    assert named_sentence(without, ["weights=net.pt"]) == "weights: net.pt: no such file"
    assert named_sentence(without, ["task=train"]) == "net.pt: no such file"
    assert named_sentence(own, ["weights=net.pt"]) == "weights: no such file"


@pytest.mark.parametrize(
    "words",
    [
        ("task=train", f"arch={NET}", "dataset=digits", f"{STOPPING}=-1"),
        ("task=correlate", "accuracies=table.csv", "dataset.name=null"),
        ("search=zen", "budget=params1M", f"start={'9' * 60}"),
        ("task=pareto", "budget=params1M", "start=5"),
        ("search=zen", "budget=params1M", "params=x"),
        ("search=zen", "budget=params1M", "flops=[[["),
        ("search=zen", "budget=params1M", "shape.widths=false"),
        ("-m", "search=zen,params", "budget=params1M", "flops=[1,null]"),
        ("task=compare", "arch=[[[]],[]]"),
        ("task=compare", "arch=[[a],[b]]"),
        ("task=compare", "arch=[1,2]"),
        ("task=compare", f"arch=[{NET},null]"),
        ("task=compare", f"arch=[{NET},{{}}]"),
    ],
)
def test_commands_and_their_checks_name_what_was_typed(
    words: tuple[str, ...], zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(TABLE)
    key = words[-1].partition("=")[0]
    for more in ([], ["task=validate"]) if "-m" not in words else (["task=validate"],):
        ended = zen(*words, *more)
        assert ended.code != 0
        told = [line for line in f"{ended.out}\n{ended.err}".splitlines() if line.strip()]
        assert any(f" {key}=" in line or f"{key}:" in line or f" {key} " in f" {line} " for line in told), told
        assert not {"None", "False"} & {*" ".join(told).replace("=", " ").split()}
