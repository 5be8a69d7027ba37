"""``task=compare``."""

import csv
import json
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.proxy.closed_form import ZenClosedForm

ONE = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,64,1,8,1)SuperConvK1BNRELU(64,64,1,1)"
TWO = "SuperConvK3BNRELU(3,8,1,1)SuperResK5K5(8,96,2,8,1)SuperResK3K3(96,32,2,16,2)SuperConvK1BNRELU(32,64,1,1)"
PUBLISHED = "zennet_cifar10_model_size05M_res32"


def test_sets_networks_of_any_source_side_by_side(zen: Zen, tmp_path: Path) -> None:
    (tmp_path / "net.txt").write_text(TWO)
    sources = f"arch=[{ONE},{tmp_path / 'net.txt'},{PUBLISHED}]"
    out = tmp_path / "out"
    ended = zen("task=compare", sources, "resolution=32", "num_classes=10", "proxies=[zen,params]", f"output_dir={out}")
    assert ended.code == 0, ended.err
    result = json.loads((out / "result.json").read_text())
    names = ["network 1", "net", PUBLISHED]
    assert [one["name"] for one in result["networks"]] == names
    published = result["networks"][2]
    assert (published["params"], published["flops"]) == (zoo.entry(PUBLISHED).params, zoo.entry(PUBLISHED).macs)
    first, second = result["changes"]
    assert [(block["kind"], block["what"]) for block in first["blocks"]] == [
        ("same", []),
        ("changed", ["kernel 3 -> 5", "width 64 -> 96", "stride 1 -> 2"]),
        ("added", []),
        ("same", []),
        ("same", []),
    ]
    assert (second["from"], second["to"]) == ("net", PUBLISHED)
    for row in result["scores"]:
        arch = Architecture.parse(result["networks"][row["network"]]["structure"])
        expected = ZenClosedForm(32).score(arch).value if row["proxy"] == "zen" else arch.num_params(10)
        assert row["value"] == pytest.approx(expected)
    with (out / "compare.csv").open() as file:
        rows = list(csv.DictReader(file))
    for one in result["networks"]:
        assert sum(int(row["flops"]) for row in rows if row["network"] == one["name"]) == one["flops"]
    for word in ("kernel 3 -> 5", "width 64 -> 96", "1/4", "What changed from network 1 to net"):
        assert word in ended.out
    page = (out / "report.html").read_text()
    assert "kernel 3 → 5" in page
    assert page.count("</figure>") == 3


def test_each_network_keeps_its_own_images(zen: Zen, tmp_path: Path) -> None:
    sources = f"arch=[{PUBLISHED},zennet_imagenet1k_flops400M_SE_res224]"
    ended = zen("task=compare", sources, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    small, large = json.loads((tmp_path / "result.json").read_text())["networks"]
    assert (small["resolution"], small["num_classes"], small["use_se"]) == (32, 10, False)
    assert (large["resolution"], large["num_classes"], large["use_se"]) == (224, 1000, True)
    ended = zen("task=compare", sources, "proxies=[az_nas]", f"output_dir={tmp_path / 'ranked'}")
    assert (ended.code, "ranks networks among each other" in ended.err) == (2, True)


@pytest.mark.parametrize("sources", [[], ["arch=net.txt"], [f"arch=[{ONE}]"]])
def test_fewer_than_two_are_refused(zen: Zen, tmp_path: Path, sources: list[str]) -> None:
    ended = zen("task=compare", *sources, f"output_dir={tmp_path}")
    assert (ended.code, "task=compare needs arch='[A,B]'" in ended.err) == (2, True)
