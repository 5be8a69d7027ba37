"""The epochs of a training in its report, of this release and of earlier ones."""

from pathlib import Path

from zen_lightning.report.html.training import training
from zen_lightning.runs.result import Header, write_result
from zen_lightning.runs.run_folder import RunFolder

OLD = "epoch,step,lr,train_loss,val_loss,val_top1,val_top5,seconds"
NEW = f"{OLD},images_per_second,data_wait,peak_memory_mb"


def section(folder: Path, header: str, *rows: str, **facts: float) -> str:
    (folder / "history.csv").write_text("\n".join([header, *rows]) + "\n")
    write_result(
        folder, Header("train", 0, "cpu", 0.0), {"num_classes": 10, "structure": "SuperConvK1BNRELU(3,8,1,1)", **facts}
    )
    found = training(RunFolder.read(folder))
    assert found is not None
    return str(found.body)


def test_a_training_of_this_release_shows_its_speed(tmp_path: Path) -> None:
    text = section(tmp_path, NEW, "1,4,0.1,2.0,1.9,40,90,3.0,1619.2,3.25,722.4", images_per_second=1619.2, data_wait=3.25)
    assert text.count("<figure") == 3
    assert "The whole training: images/s: 1,619; waited for data: 3.2% of the time." in text
    for cell in ("waits for data", "1,619", "3.2%", "722"):
        assert cell in text


def test_one_of_an_earlier_release_has_no_empty_columns(tmp_path: Path) -> None:
    text = section(tmp_path, OLD, "1,4,0.1,2.0,1.9,40,90,3.0")
    assert text.count("<figure") == 2
    assert "images/s" not in text
