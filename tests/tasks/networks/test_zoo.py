"""``task=zoo``."""

import json
from pathlib import Path

import pytest

from command_line import Zen
from file_server import FileServer
from original_file import original_bytes
from zen_lightning import zoo

CIFAR = "zennet_cifar10_model_size05M_res32"
IMAGENET = "zennet_imagenet1k_flops600M_SE_res224"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_all_networks(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=zoo", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    rows = json.loads((tmp_path / "out" / "result.json").read_text())["networks"]
    assert [row["name"] for row in rows] == zoo.names()
    for row in rows:
        known = zoo.entry(row["name"])
        assert (row["params"], row["flops"], row["cached"]) == (known.params, known.macs, False)
        assert row["name"] in ended.out
    assert "between 3%" in ended.out
    lines = ended.out.partition("\nin ")[0].splitlines()
    assert max(map(len, lines)) <= 105
    assert max(len(line.rstrip()) for line in lines if "zennet" in line) <= 100


def test_one_network(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=zoo", f"arch={IMAGENET}", f"output_dir={tmp_path}")
    for words in ("11,311,664 parameters, published as 7.1M", "601,656,800 FLOPs, published as 611M", "with squeeze", "320 px"):
        assert words in ended.out
    assert len(json.loads((tmp_path / "result.json").read_text())["networks"]) == 1


def test_some_networks(zen: Zen, tmp_path: Path) -> None:
    zen("task=zoo", f"arch=[{IMAGENET},{CIFAR}]", f"output_dir={tmp_path}")
    rows = json.loads((tmp_path / "result.json").read_text())["networks"]
    assert [row["name"] for row in rows] == [IMAGENET, CIFAR]


def test_downloads(
    zen: Zen,
    server: FileServer,
    tmp_path: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO_URL", server.url)
    server.files[f"/{CIFAR}/best-params_rank0.pth"] = original_bytes(zoo.create(CIFAR))
    ended = zen("task=zoo", f"arch={CIFAR}", "download=true", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert json.loads((tmp_path / "out" / "result.json").read_text())["networks"][0]["cached"]
    assert list(cache.glob("*/*.pth")) == [cache / CIFAR / "best-params_rank0.pth"]
    ended = zen("task=zoo", f"arch={IMAGENET}", "download=true", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 2
    assert "the server answers 404" in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["arch=zennet"], "arch=zennet: the zoo has no such network"), (["download=true"], "download=true needs arch=")],
)
def test_mistakes(zen: Zen, tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = zen("task=zoo", *arguments, f"output_dir={tmp_path}")
    assert (ended.code, message in ended.err) == (2, True)
