"""The depths of a search on its page."""

from pathlib import Path

from zen_lightning.report.html.depths import depths
from zen_lightning.runs.run_folder import RunFolder

HEAD = "limit,layers,score,calibrated,top1,structure\n"


def test_of_equal_depths_the_shallowest_is_the_chosen_one(tmp_path: Path) -> None:
    (tmp_path / "depths.csv").write_text(HEAD + "8,8,31.9,4.32,,a\n10,10,39.9,4.54,61.5,b\n12,10,39.9,4.54,61.5,b\n")
    section = depths(RunFolder(tmp_path, "search", {}))
    assert section is not None
    page = str(section.body)
    assert page.count(", chosen") == page.count("chosen: 10") == 1
    assert page.index("chosen") < page.index(">12<")
    assert "61.5%" in page


def test_a_depth_that_was_given_has_no_section(tmp_path: Path) -> None:
    assert depths(RunFolder(tmp_path, "search", {})) is None


def test_where_networks_were_trained_their_accuracy_chooses_and_is_shown(tmp_path: Path) -> None:
    head, rows = HEAD.replace("structure", "structure,trained"), "8,8,31.9,4.32,,a,71.25\n10,10,39.9,4.54,61.5,b,70.5\n"
    (tmp_path / "depths.csv").write_text(head + rows)
    how = {"dataset": "cifar10", "epochs": 4, "images": None, "resolution": 32}
    section = depths(RunFolder(tmp_path, "search", {"depth_training": how}))
    assert section is not None
    page = str(section.body)
    assert page.count("chosen: 8") == page.count("71.25%, chosen") == 1
    assert "the best network after 4 epochs on all images of cifar10, 32 px" in page
    partly = rows.replace("70.5\n", "\n")
    (tmp_path / "depths.csv").write_text(head + partly)
    section = depths(RunFolder(tmp_path, "search", {}))
    assert section is not None
    assert "trained" not in str(section.body)
