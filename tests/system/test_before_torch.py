"""The address space that PyTorch needs, asked before it is imported."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), resource.RLIM_INFINITY))
import zen_lightning as zl
try:
    zl.score("SuperConvK3BNRELU(3,8,1,1)", proxy="naswot", resolution=8, batch_size=2)
except zl.system.before_torch.TorchMemoryError as error:
    print(error)
"""


def _said(limit: int) -> str:
    ended = subprocess.run([sys.executable, "-c", _LIMITED, str(limit)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems count memory in other ways"),
    pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_AS)[1] != resource.RLIM_INFINITY, reason="it is limited already"),
]


@pytest.mark.long
def test_too_little_memory_is_told_before_torch_is_imported() -> None:
    """For PyTorch without CUDA, too; with CUDA, 3 GB end the process by the C library."""
    assert _said(700 << 20) == (
        "this shell lets a process have 734 MB of memory, too little for PyTorch: raise the limit (ulimit -v, or that of the "
        "batch job)\n"
    )
    assert _said(5 << 30) == ""


_IMPORTS = """
import resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), resource.RLIM_INFINITY))
import zen_lightning
try:
    import torch
except Exception as error:
    print(f"{type(error).__name__}: {error}", flush=True)
if len(sys.argv) > 2:
    subprocess.run([sys.executable, "-c", "import zen_lightning, torch"], check=True)
"""


def _imported(torch: str, folder: Path, limit: int, *more: str) -> str:
    """Return what a process prints that imports another module in the place of PyTorch."""
    (folder / "torch.py").write_text(torch)
    path = os.pathsep.join([str(folder), str(Path(__file__).parents[2] / "src")])
    command = [sys.executable, "-c", _IMPORTS, str(limit), *more]
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize(
    ("torch", "said"),
    [
        ("raise OSError('libcublas.so.12: cannot open shared object file')", "OSError: libcublas.so.12: cannot open"),
        ("raise RuntimeError('of another version')", "RuntimeError: of another version"),
        ("raise ImportError('torch/lib') from OSError('libtorch.so: failed to map segment from shared object')", None),
        ("raise OSError(12, 'Cannot allocate memory')", None),
        ("raise MemoryError", None),
        ("import os; os._exit(127)", None),
        ("import os; os.abort()", None),
    ],
)
def test_only_what_tells_of_memory_is_told_so(torch: str, said: str | None, tmp_path: Path) -> None:
    """A broken installation says itself what it lacks."""
    printed = _imported(torch, tmp_path, 3 << 30)
    assert printed.startswith("TorchMemoryError: this shell lets a process have 3" if said is None else said), printed


@pytest.mark.parametrize(("limit", "imports"), [(3 << 30, 3), (1 << 40, 2)])
def test_processes_that_are_started_do_not_try_again(limit: int, imports: int, tmp_path: Path) -> None:
    """One trial, this process, and the one that it starts."""
    torch = f"open({str(tmp_path / 'imports')!r}, 'a').write('x')"
    assert _imported(torch, tmp_path, limit, "starts another") == ""
    assert len((tmp_path / "imports").read_text()) == imports
