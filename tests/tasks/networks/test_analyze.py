"""``task=analyze``."""

import json
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning import zoo
from zen_lightning.errors import UserError
from zen_lightning.tasks.networks.architecture_source import read_architecture

TEXT = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperConvK1BNRELU(32,64,1,1)"


@pytest.mark.parametrize("kind", ["structure", "file", "folder"])
def test_shows_and_writes_where_the_costs_are(zen: Zen, tmp_path: Path, kind: str) -> None:
    (tmp_path / "best_structure.txt").write_text(f"\n{TEXT}\n")
    source = {"structure": TEXT, "file": str(tmp_path / "best_structure.txt"), "folder": str(tmp_path)}[kind]
    ended = zen("task=analyze", f"arch={source}", "resolution=64", "num_classes=10", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["structure"] == TEXT
    assert sum(stage["params"] for stage in result["stages"]) == result["params"]
    assert sum(stage["flops"] for stage in result["stages"]) == result["flops"]
    for word in ("SuperResIDWE6K3(8,32,2,8,1)", "classifier", f"{result['zen_running']:.3f}"):
        assert word in ended.out


def test_the_folder_of_a_run_brings_its_resolution(zen: Zen, tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    zen("budget=flops600M", "search.iterations=100", "search.finalists=0", f"output_dir={run}")
    zen("task=analyze", f"arch={run}", f"output_dir={out}")
    searched, analyzed = (json.loads((folder / "result.json").read_text()) for folder in (run, out))
    assert (analyzed["flops"], analyzed["resolution"]) == (searched["flops"], 224)
    zen("task=analyze", f"arch={run}", "resolution=32", f"output_dir={out}")
    assert json.loads((out / "result.json").read_text())["resolution"] == 32


def test_files_that_hold_no_structure(tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty.txt", tmp_path / "binary.txt"
    empty.write_text("\n \n")
    binary.write_bytes(b"\xff\xfe\x00\x01")
    for source, message in ((empty, "is empty"), (binary, "is not a text file"), (tmp_path / "none", "there is no file")):
        with pytest.raises(UserError, match=message):
            read_architecture(str(source), "arch")


def test_a_network_of_the_zoo_is_shown_as_published(zen: Zen, tmp_path: Path) -> None:
    name = "zennet_imagenet1k_flops400M_SE_res224"
    ended = zen("task=analyze", f"arch={name}", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["params"], result["flops"]) == (zoo.entry(name).params, zoo.entry(name).macs)
    assert sum(stage["params"] for stage in result["stages"]) == result["params"]
    assert "with squeeze-and-excitation" in ended.out
    zen("task=analyze", f"arch={name}", "num_classes=10", f"output_dir={tmp_path}")
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["num_classes"], result["resolution"]) == (10, 224)


def test_a_cell_has_no_closed_form(zen: Zen, tmp_path: Path) -> None:
    cell = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"
    ended = zen("task=analyze", f"arch={cell}", "num_classes=10", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "no Zen-score in closed form: the closed form scores rows of super-blocks" in ended.out
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["zen_running"], result["layers"]) == (None, 20)


def test_several_architectures_are_too_many(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=analyze", f"arch=[{TEXT},{TEXT}]", f"output_dir={tmp_path}")
    assert ended.code == 2
    assert "expected one structure, name of the zoo, file" in ended.err


def test_the_latency_that_a_profile_predicts(zen: Zen, tmp_path: Path) -> None:
    name = "zennet_imagenet1k_latency03ms_res224"
    ended = zen("task=analyze", f"arch={name}", "latency.profile=v100-tensorrt-fp16", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "predicted latency: 0.1763 ± " in ended.out
    assert "NVIDIA V100, float16, batch 64, TensorRT, by the profile v100-tensorrt-fp16" in ended.out
    found = json.loads((tmp_path / "result.json").read_text())["latency"]
    assert found["profile"] == "v100-tensorrt-fp16"
    assert 0 < found["uncertainty_ms"] < found["predicted_ms"] == pytest.approx(0.1763, abs=1e-4)
    wrong = zen("task=analyze", f"arch={name}", "latency.profile=v100", f"output_dir={tmp_path / 'other'}")
    assert (wrong.code, "latency.profile=v100: no such profile" in wrong.err) == (2, True)
