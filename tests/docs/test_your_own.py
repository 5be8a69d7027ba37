"""The examples of docs/your_own.md, as a user of an installed package runs them: in a folder outside the checkout."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long  # Every kind of plug-in, a command each; CI runs it with the installed wheel as well.
def test_every_example_runs(tmp_path: Path) -> None:
    script, page = ROOT / "scripts" / "run_page.py", ROOT / "docs" / "your_own.md"
    program = [
        sys.executable,
        "-P",
        "-m",
        "zen_lightning",
    ]  # -P: no working directory on the path.
    ended = subprocess.run([sys.executable, script, page, tmp_path, *program], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("$ ") == page.read_text().count("\nzen-lightning ")
