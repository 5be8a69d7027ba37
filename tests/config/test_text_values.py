"""Texts and flags of the command line, where Hydra and OmegaConf would read something else."""

from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.config.text_values import with_text_values
from zen_lightning.errors import UserError


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("shape.widths=false", "shape.widths='false'"),
        ("latency.engine=True", "latency.engine='True'"),
        ("latency.fold=false", "latency.fold=false"),
        ("latency.fold=1", "latency.fold=1"),
        ("latency.fold=-0", "latency.fold=-0"),
        ("search.optimizer=exact", "search.optimizer=exact"),
        ("recipe.nesterov=false", "recipe.nesterov=false"),
        ("--cfg=true", "--cfg=true"),
        ("~latency.fold", "~latency.fold"),
    ],
)
def test_what_is_meant(given: str, meant: str) -> None:
    assert with_text_values([given, "seed=1"]) == [meant, "seed=1"]


@pytest.mark.parametrize("value", ["5", "true,5", "-1", "nan", "1e20", "0.5", "9" * 60])
def test_a_flag_is_no_number(value: str) -> None:
    with pytest.raises(UserError, match=rf"^debug\.profile={value.rpartition(',')[2]}: expected true or false$"):
        with_text_values([f"debug.profile={value}"])


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("task=analyze", "budget.params=x"), "budget.params"),
        (("task=score", "budget.latency_ms=0"), "budget.latency_ms"),
        (("task=score", "budget.layers_by=0.5"), "budget.layers_by"),
        (("search=zen", "budget=params1M", "latency.dtype=a/b"), "latency.dtype"),
        (("search=zen", "budget=params1M", "latency.engine=x"), "latency.engine"),
        (("search=zen", "budget=params1M", "latency.device=abacus"), "latency.device"),
        (("task=zoo", "task.name=search"), "task.name"),
        (("task=zoo", "latency.channels_last=99"), "latency.channels_last"),
    ],
)
def test_a_value_that_means_nothing_is_refused_also_where_it_would_not_count(
    words: tuple[str, ...], key: str, zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arch = ["arch=zennet_cifar10_model_size05M_res32"] if words[0] in ("task=analyze", "task=score") else []
    ended = zen(*words, *arch, "task=validate")
    assert ended.code == 1
    assert f"{key}=" in ended.out


def test_the_dtype_of_a_search_is_that_of_its_device_where_none_is_said(
    zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    more = ("latency.device=cpu", "latency.dtype=null", "latency.batch_size=null", "budget.latency_ms=50")
    ended = zen("search=zen", "budget=params1M", *more, "task=validate")
    assert ended.code == 0, ended.out
