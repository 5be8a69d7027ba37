"""What of a run's folder goes to trackers."""

from pathlib import Path

from zen_lightning.tracking.run_files import kept_files, read_table, table_files


def test_results_are_kept_and_the_machinery_is_not(tmp_path: Path) -> None:
    kept = [
        "best.yaml",
        "best_structure.txt",
        "network.svg",
        "report.html",
        "result.json",
        "search.png",
        "table.tex",
        "structures/a.txt",
        "scatter/b.png",
    ]
    left = [
        "command.json",
        "job.json",
        ".hydra/config.yaml",
        "wandb_run_id.txt",
        "weights.safetensors",
        ".hidden.csv",
        "journal/restart-00.jsonl",
        "checkpoints/a.txt",
    ]
    for name in kept + left:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert sorted(path.relative_to(tmp_path).as_posix() for path in kept_files(tmp_path)) == sorted(kept)


def test_small_tables(tmp_path: Path) -> None:
    for name, rows in {"empty": 0, "one": 1, "most": 1000, "more": 1001, "history": 5}.items():
        (tmp_path / f"{name}.csv").write_text("a,b\n" + "1,2\n" * rows)
    assert [path.stem for path in table_files(tmp_path)] == ["most", "one"]


def test_fields_have_their_kinds(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('structure,score,layers,error\n"A(3,8)",1.5,7,\n')
    assert read_table(tmp_path / "t.csv") == (["structure", "score", "layers", "error"], [["A(3,8)", 1.5, 7, None]])
