"""Whether the address space that a process may have (``ulimit -v``) is enough for PyTorch, asked before it is imported."""

import errno
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from zen_lightning.errors import UserError
from zen_lightning.system.address_space import address_space
from zen_lightning.system.limits import SAID
from zen_lightning.system.numbers import megabytes

_ENOUGH, _EACH_CORE = 6 << 30, 72 << 20
"""Bytes of address space from which nothing is tried, and more of them for each core. A choice: PyTorch with the libraries of
CUDA took 3.1 GB on two cores, and what is imported after it 0.5 GB; a thread of glibc has a stack of 8 MiB and a heap of 64."""

_FITS = "ZEN_LIGHTNING_TORCH_FITS"
"""Environment variable: the address space in which a process that started this one has found that PyTorch fits."""

_KEPT = 500 << 20
"""Bytes that must be left: torchvision, Lightning, Matplotlib and the first convolution mapped 480 MB more, measured."""

_TRIAL = """
import resource, sys
limit, hardest = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (limit - int(sys.argv[1]), hardest))
try:
    import torch
    torch.nn.functional.conv2d(torch.zeros(8, 8, 64, 64), torch.zeros(8, 8, 3, 3))
except BaseException as error:
    while error is not None:
        if isinstance(error, MemoryError) or any(said in str(error) for said in sys.argv[2:]):
            sys.exit(1)
        error = error.__cause__ or error.__context__
"""
"""Fails where there is too little memory, by the words that tell so or as the C library ends it. Anything else, such as a
broken installation, is told by the import itself."""

_LONGEST = 120.0
"""Seconds after which a trial says nothing. A choice: on slow file systems of clusters PyTorch takes about one minute."""


class TorchMemoryError(UserError, ImportError):
    """PyTorch is not imported: it would not find the memory that it needs."""


class _BeforeTorch:
    """Tries in another process whether PyTorch can be imported: in this one the C library might end all with its own line."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._is_enough: bool | None = None

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find nothing, which leaves it to others.

        Raises:
            TorchMemoryError: it is PyTorch that is looked for, and the limit is too low for it.
        """
        if name == "torch":
            if self._is_enough is None:
                self._is_enough = _can_import()
                if self._is_enough:
                    os.environ[_FITS] = str(self._limit)
            if not self._is_enough:
                what = f"this shell lets a process have {megabytes(self._limit)} of memory, too little for PyTorch"
                raise TorchMemoryError(what, remedy="raise the limit (ulimit -v, or that of the batch job)")
        return None


def ask_before_torch() -> None:
    """Have PyTorch refused, with a sentence, where this process may have too little address space for it; else do nothing.

    Processes that this one starts do not try again.
    """
    limit, fits = address_space(), os.environ.get(_FITS, "")
    if limit is None or limit >= _ENOUGH + _EACH_CORE * (os.cpu_count() or 1) or "torch" in sys.modules:
        return
    if not (fits.isdecimal() and int(fits) <= limit):
        sys.meta_path.insert(0, _BeforeTorch(limit))


def _can_import() -> bool:
    import subprocess  # The whole package imports this module; few need this.

    words = [str(_KEPT), *SAID, os.strerror(errno.ENOMEM)]
    try:
        ended = subprocess.run([sys.executable, "-P", "-c", _TRIAL, *words], capture_output=True, timeout=_LONGEST, check=False)
    except (OSError, subprocess.TimeoutExpired):  # No verdict: the import itself will tell.
        return True
    return ended.returncode == 0
