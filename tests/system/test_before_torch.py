"""The address space that PyTorch needs, asked before it is imported."""

import resource
import subprocess
import sys

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


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems count memory in other ways")
@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_AS)[1] != resource.RLIM_INFINITY, reason="it is limited already")
def test_too_little_memory_is_told_before_torch_is_imported() -> None:
    """For PyTorch without CUDA, too; with CUDA, 3 GB end the process by the C library."""
    assert _said(700 << 20) == (
        "this shell lets a process have 734 MB of memory, too little for PyTorch: raise the limit (ulimit -v, or that of the "
        "batch job)\n"
    )
    assert _said(12 << 30) == ""
