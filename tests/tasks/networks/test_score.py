"""``task=score`` from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

import zen_lightning as zl
from command_line import Zen
from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.system.numbers import score_text

NET = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)"
OTHER = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,24,2,8,1)"
CELL = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"
TE_NAS = "{name: te_nas, batch_size: 2, resolution: 8}"


def scores_of(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    rows = json.loads((folder / "result.json").read_text())["scores"]
    return {(row["proxy"], row["source"]): row for row in rows}


def test_one_architecture_by_several_proxies(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=score", f"arch={NET}", "num_classes=10", "resolution=16", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    rows = scores_of(tmp_path)
    architecture = Architecture.parse(NET)
    zen_score = ZenClosedForm(16).score(architecture).value
    values = {proxy: row["value"] for (proxy, _), row in rows.items()}
    assert values == {"zen": zen_score, "params": architecture.num_params(10), "flops": architecture.flops(16, 10)}
    assert score_text(zen_score) in ended.out
    assert f"{architecture.num_params(10):,}" in ended.out


def test_the_figures_of_python_are_those_of_the_command_with_the_same_batch(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=score", f"arch={NET}", "proxies=[naswot]", "num_classes=10", "resolution=16", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    ((_, row),) = scores_of(tmp_path).items()
    assert row["value"] == zl.score(NET, proxy="naswot", batch_size=64, resolution=16).value
    assert row["value"] == zl.compare([NET, OTHER], "naswot", num_classes=10, resolution=16).scores[0].value
    assert row["value"] != zl.score(NET, proxy="naswot", resolution=16).value


@pytest.mark.parametrize("kind", ["file", "folder", "zoo"])
def test_every_way_to_name_one(zen: Zen, tmp_path: Path, kind: str) -> None:
    name = "zennet_imagenet1k_flops400M_SE_res224"
    (tmp_path / "best_structure.txt").write_text(zoo.structure(name))
    (tmp_path / "result.json").write_text('{"resolution": 224, "num_classes": 1000}')
    source = {"file": str(tmp_path / "best_structure.txt"), "folder": str(tmp_path), "zoo": name}[kind]
    ended = zen("task=score", f"arch={source}", "proxies=flops", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    resolution, classes = (32, 100) if kind == "file" else (224, 1000)
    expected = Architecture.parse(zoo.structure(name)).flops(resolution, classes)
    assert scores_of(tmp_path / "out")["flops", source]["value"] == expected
    assert ("squeeze-and-excitation is left out" in ended.out) == (kind == "zoo")
    zen("task=score", f"arch={source}", "proxies=flops", "resolution=64", f"output_dir={tmp_path / 'out'}")
    expected = Architecture.parse(zoo.structure(name)).flops(64, classes)
    assert scores_of(tmp_path / "out")["flops", source]["value"] == expected


def test_several_are_ranked_against_each_other(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=score", f"arch=[{NET},{OTHER}]", f"proxies=[params,{TE_NAS}]", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    rows = scores_of(tmp_path)
    assert [source for proxy, source in rows if proxy == "params"] == [OTHER, NET]
    ranked = [row for (proxy, _), row in rows.items() if proxy.startswith("te_nas")]
    assert sum(row["value"] for row in ranked) == pytest.approx(3)  # The relative ranks 1/2 and 1, of two parts each.
    assert [set(row["parts"]) for row in ranked] == [{"ntk", "linear_regions"}] * 2
    assert "there is just one" not in ended.out


def test_one_alone_shows_what_was_measured(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=score", f"arch={NET}", f"proxies=[{TE_NAS}]", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    row = next(iter(scores_of(tmp_path).values()))
    assert row["ranked_alone"]
    assert f"ntk {row['parts']['ntk']:.4g}" in ended.out
    assert "ranks networks among each other, and there is just one" in ended.out


def test_what_cannot_be_scored_says_why(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=score", f"arch=[{CELL},{NET}]", "proxies=[zen,params]", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "cannot score" in ended.out
    assert scores_of(tmp_path)["zen", CELL]["value"] is None
    assert scores_of(tmp_path)["params", CELL]["value"] == 322_196
    alone = zen("task=score", f"arch={CELL}", "proxies=zen", f"output_dir={tmp_path}")
    assert alone.code == 2
    assert "error: proxies: no proxy could score anything: the closed form scores rows of super-blocks" in alone.err
    assert scores_of(tmp_path)["zen", CELL]["error"] in alone.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "task=score needs arch="),
        (["arch=zennet_cifar10_model_size1M"], "did you mean 'zennet_cifar10_model_size1M_res32'?"),
        (
            ["arch=[zennet_cifar10_model_size1M_res32,zennet_imagenet1k_latency01ms_res224]"],
            "has resolution=32, zennet_imagenet1k_latency01ms_res224 224: give resolution=",
        ),
        (["arch=|none~0|+|none~0|none~2|"], "expected '~1' after"),
        (["arch=zennet_cifar10_model_size1M_res32", "proxies=[zenn]"], "there is no proxy 'zenn'; did you mean 'zen'?"),
        (["arch=zennet_cifar10_model_size1M_res32", "resolution=0"], "resolution=0: expected 1 or more"),
    ],
)
def test_bad_input(zen: Zen, tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = zen("task=score", f"output_dir={tmp_path}", *arguments)
    assert ended.code == 2
    assert message in ended.err
