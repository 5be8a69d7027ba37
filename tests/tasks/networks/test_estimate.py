"""What a result says of a network among those that were trained."""

import html
import json
from pathlib import Path

from command_line import Zen

FOREIGN = (
    "SuperConvK3BNRELU(3,24,2,1)SuperResIDWE2K7(24,48,2,48,1)SuperResIDWE2K7(48,72,2,72,1)"
    "SuperResIDWE2K7(72,96,2,96,1)SuperResIDWE6K7(96,192,2,192,4)SuperConvK1BNRELU(192,2048,1,1)"
)


def test_the_estimate_is_told_where_it_is_in_range(zen: Zen, tmp_path: Path) -> None:
    code = "e6k3l1s0-e4k5l2s0-e6k3l3s0-e6k5l3s0-e6k5l2s0-e1k3l2s0-e1k3l2s0"
    ended = zen("task=analyze", f"arch={code}", f"output_dir={tmp_path / 'known'}")
    assert ended.code == 0, ended.err
    assert "after 16 epochs of Accel-NASBench's recipe on ImageNet" in " ".join(ended.out.split())
    assert "extrapolation" not in ended.out
    known = json.loads((tmp_path / "known" / "result.json").read_text())["estimate"]
    assert known["low"] < known["top1"] < known["high"]
    assert "Among networks that were trained" in (tmp_path / "known" / "report.html").read_text()
    ended = zen("task=analyze", f"arch={code}", "resolution=160", f"output_dir={tmp_path / 'other'}")
    assert "estimated top-1" not in ended.out
    assert json.loads((tmp_path / "other" / "result.json").read_text())["estimate"] is None
    assert "Among networks" not in (tmp_path / "other" / "report.html").read_text()


def test_several_cautions_are_one_on_the_terminal_and_all_in_the_report(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=analyze", f"arch={FOREIGN}", "resolution=224", "num_classes=1000", f"output_dir={tmp_path / 'run'}")
    assert ended.code == 0, ended.err
    said = " ".join(ended.out.split())
    assert said.count("caution:") == 1
    assert "differs in 3 ways from all trained ones (report.html, docs/calibrated_score.md)" in said
    cautions = json.loads((tmp_path / "run" / "result.json").read_text())["estimate"]["cautions"]
    page = html.unescape((tmp_path / "run" / "report.html").read_text())
    assert len(cautions) == 3
    assert all(caution in page for caution in cautions)
