"""What a result says of a network among those that were trained."""

import json
from pathlib import Path

from command_line import Zen


def test_the_estimate_is_told_where_it_is_in_range(zen: Zen, tmp_path: Path) -> None:
    code = "e6k3l1s0-e4k5l2s0-e6k3l3s0-e6k5l3s0-e6k5l2s0-e1k3l2s0-e1k3l2s0"
    ended = zen("task=analyze", f"arch={code}", f"output_dir={tmp_path / 'known'}")
    assert ended.code == 0, ended.err
    assert "estimate of top-1 (ImageNet, 16 epochs of Accel-NASBench's recipe)" in ended.out
    known = json.loads((tmp_path / "known" / "result.json").read_text())["estimate"]
    assert known["low"] < known["top1"] < known["high"]
    assert "Among networks that were trained" in (tmp_path / "known" / "report.html").read_text()
    ended = zen("task=analyze", f"arch={code}", "resolution=160", f"output_dir={tmp_path / 'other'}")
    assert "estimate of top-1" not in ended.out
    assert json.loads((tmp_path / "other" / "result.json").read_text())["estimate"] is None
    assert "Among networks" not in (tmp_path / "other" / "report.html").read_text()
