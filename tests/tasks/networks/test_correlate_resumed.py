"""A ``task=correlate`` that is continued."""

import json
import sys
from pathlib import Path

import pytest

from command_line import Zen
from known_cells import OWN, QUICK, result_of


def test_resume_scores_only_what_is_missing(zen: Zen, known: Path, own: Path, tmp_path: Path) -> None:
    out, place = tmp_path / "out", f"--config-dir={own}"
    assert zen(place, *QUICK, f"accuracies={known}", "accuracy=top1", "sample=4", f"output_dir={out}").code == 0
    before = (out / "scores.jsonl").read_bytes()
    again = zen(place, *QUICK, f"accuracies={known}", "accuracy=top1", f"output_dir={out}")
    assert again.code == 2
    assert f"already holds scores: continue with resume={out}" in again.err
    ended = zen(place, f"resume={out}", "proxies=[params,picky]", "sample=6")
    assert ended.code == 0, ended.err
    after = (out / "scores.jsonl").read_bytes()
    assert after.startswith(before)
    lines = [json.loads(line) for line in after[len(before) :].splitlines()]
    assert [line["proxy"] for line in lines if "settings" in line] == ["picky"]
    asked = [line["proxy"] for line in lines if "architecture" in line]
    assert (asked.count("params"), asked.count("picky")) == (2, 6)
    assert result_of(out)["params"]["n"] == 6
    zen(*QUICK, f"accuracies={known}", "accuracy=top1", "sample=6", f"output_dir={tmp_path / 'whole'}")
    assert result_of(out)["params"]["kendall"] == result_of(tmp_path / "whole")["params"]["kendall"]
    for change, message in (("num_classes=100", "params.num_classes was 10, now 100"), ("seed=9", "seed was 0, now 9")):
        refused = zen(place, f"resume={out}", change)
        assert refused.code == 2
        assert message in refused.err


def test_ctrl_c_says_how_to_continue_and_a_relative_table_is_found_again(
    zen: Zen,
    known: Path,
    own: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, module = tmp_path / "out", tmp_path / "picky_proxy.py"
    module.write_text(
        OWN.replace(
            "return Score", "if str(architecture).startswith('|nor_conv_3x3'): raise KeyboardInterrupt\n        return Score"
        )
    )
    sys.modules.pop("picky_proxy", None)
    monkeypatch.chdir(tmp_path)
    command = (f"--config-dir={own}", "task=correlate", "accuracy=top1", "proxies=[params,picky]")
    ended = zen(*command, "accuracies=known.csv", f"output_dir={out}")
    assert ended.code == 130, ended.err
    assert "nothing is lost: continue with resume=out" in ended.err
    kept = (out / "scores.jsonl").read_bytes()
    assert kept.count(b"value") > 2
    assert not (out / "result.json").exists()
    module.write_text(OWN + "\n")
    sys.modules.pop("picky_proxy", None)
    monkeypatch.chdir("/")
    ended = zen(f"resume={out}", "--config-dir", str(own))
    assert ended.code == 0, ended.err
    assert (out / "scores.jsonl").read_bytes().startswith(kept)
    assert zen(*command, f"accuracies={known}", f"output_dir={tmp_path / 'whole'}").code == 0
    assert (out / "scores.csv").read_bytes() == (tmp_path / "whole" / "scores.csv").read_bytes()
    sys.modules.pop("picky_proxy", None)
