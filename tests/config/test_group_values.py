"""Values of groups that are no names."""

import pytest

from command_line import Zen
from zen_lightning.config.group_values import with_named_choices
from zen_lightning.errors import UserError


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("debug=null", []),
        ("debug=false", []),
        ("experiment=null", []),
        ("logger=null", ["logger=none"]),
        ("logger=False", ["logger=none"]),
        ("teacher=null", ["teacher=none"]),
        ("logger=[]", ["logger=none"]),
        ("experiment=[]", []),
        ("launcher=null", ["launcher=serial"]),
        ("logger=[csv,tensorboard]", ["logger=[csv,tensorboard]"]),
        ("budget=params1M,flops600M", ["budget=params1M,flops600M"]),
        ("budget='params1M'", ["budget='params1M'"]),
        ("budget.params=null", ["budget.params=null"]),
        ("+logger=null", ["+logger=null"]),
        ("limit=5", ["limit=5"]),
        ("--multirun", ["--multirun"]),
    ],
)
def test_what_is_meant(given: str, meant: list[str]) -> None:
    assert with_named_choices([given, "seed=1"]) == [*meant, "seed=1"]


@pytest.mark.parametrize(
    "given",
    [
        "search=zen,null",
        "search=zen,5",
        "logger=csv,[]",
        "budget=5",
        "budget=null",
        "recipe=[]",
        "search=null",
        "debug=true",
        "logger=5",
        "logger=[csv,null]",
        "task=[5]",
        "proxy={a:1}",
    ],
)
def test_what_is_no_name_is_refused_with_the_choices(given: str) -> None:
    group, value = given.split("=")
    with pytest.raises(UserError) as caught:
        with_named_choices([given])
    assert str(caught.value).startswith(f"{group}={value.rpartition(',')[2] if value[0] != '[' else value}: ")
    assert "hoose from: " in str(caught.value)


def test_on_the_command_line(zen: Zen) -> None:
    assert zen("task=zoo", "debug=null", "logger=null", "experiment=null", "task=validate").code == 0
    ended = zen("task=zoo", "budget=5")
    assert (ended.code, "budget=5: " in ended.err, "flops600M" in ended.err) == (2, True, True)
    assert "budget=5\n   -> choose from" in zen("task=zoo", "budget=5", "task=validate").out


def test_hydra_is_no_group_with_choices() -> None:
    for given in ("hydra=5", "hydra={a:1}", "hydra=x"):
        with pytest.raises(UserError, match=r"^hydra=.*: expected one of its keys, such as hydra.run.dir=DIR"):
            with_named_choices([given])
    assert with_named_choices(["hydra.run.dir=x"]) == ["hydra.run.dir=x"]
