"""The examples of docs/your_own.md, as a user of an installed package runs them: in a folder outside the checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zen_lightning.system.own_modules import PLACE

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
    command = [sys.executable, script, page, tmp_path, *program]
    environment = {key: value for key, value in os.environ.items() if key != PLACE}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("$ ") == page.read_text().count("\nzen-lightning ")
