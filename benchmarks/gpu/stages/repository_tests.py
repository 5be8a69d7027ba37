"""The tests of the repository that need a GPU, which are skipped where there is none."""

import subprocess
import sys

from bench import ROOT, Bench

_SIGNS = ("torch.cuda.is_available()", "set_sync_debug_mode", "cuda.device_count()")


def run(bench: Bench) -> None:
    """Run what is about a GPU in the test files that ask for one."""
    files = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if any(s in path.read_text() for s in _SIGNS)]
    if not files:
        bench.report.figure("left_out", "no test asks for a GPU")
        return
    log = bench.folder / "pytest.txt"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-rfEs",
        "-k",
        "gpu and not without_a_gpu",
        "-p",
        "no:cacheprovider",
        *map(str, files),
    ]
    with log.open("w") as file:
        code = subprocess.run(command, cwd=ROOT, stdout=file, stderr=file, check=False).returncode
    text = log.read_text()
    bench.report.figure("summary", text.strip().splitlines()[-1])
    failures = [line for line in text.splitlines() if line.startswith(("FAILED", "ERROR"))]
    bench.report.check(f"{len(files)} files pass", code == 0, "; ".join(failures)[:1500])
