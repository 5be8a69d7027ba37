"""What scores networks: this process, workers beside it, or a Ray cluster."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy
from zen_lightning.search.local_pool import LocalPool
from zen_lightning.search.pool import Pool
from zen_lightning.system.cores import available_cores

_RAY = "ray"


def check_workers(workers: Any) -> None:
    """Raise a UserError unless ``workers`` is a count, auto or ray."""
    if not (workers in ("auto", _RAY) or (isinstance(workers, int) and not isinstance(workers, bool) and workers >= 1)):
        expected = "a count of 1 or more, auto (one for each GPU or core) or ray"
        raise UserError(key="workers", value=workers, expected=expected)


@contextmanager
def open_pool(
    proxies: Sequence[Proxy], seed: int, workers: int | str = 1, device: str = "cpu", threads: int | None = None
) -> Iterator[Pool]:
    """Give what scores by these proxies, for as long as the context lasts.

    Args:
        proxies: to choose from.
        seed: of their draws.
        workers: how many processes score; 1: this one; ``auto``: one for each GPU or core; ``ray``: a cluster.
        device: of torch.
        threads: of torch in each process that scores; None is torch's own choice with one worker, and 1 with more.

    Raises:
        UserError: a value of ``workers`` that cannot be used, or workers that do not start.
        MissingExtraError: Ray is not installed.
    """
    check_workers(workers)
    needs_torch = not all(proxy.cheap for proxy in proxies)
    preload = ("torch",) if needs_torch else ()
    if workers == _RAY:
        from zen_lightning.search.ray_pool import RayPool

        with RayPool(proxies, seed, threads or 1, device.startswith("cuda"), preload) as pool:
            yield pool
        return
    gpus = _gpus() if device == "cuda" else []
    count = (len(gpus) or available_cores()) if workers == "auto" else int(workers)
    if count == 1:
        with torch_threads(threads if needs_torch else None):
            yield LocalPool(proxies, seed)
        return
    from zen_lightning.search.worker_pool import WorkerPool

    with WorkerPool(proxies, seed, count, threads or 1, gpus, preload) as pool:
        yield pool


@contextmanager
def torch_threads(threads: int | None) -> Iterator[None]:
    """Let torch use this many threads in this process, for as long as the context lasts; None leaves torch alone."""
    if threads is None:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _gpus() -> list[str]:
    """Return the GPUs that torch sees, each as CUDA_VISIBLE_DEVICES names it."""
    import torch

    visible = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    return visible or [str(number) for number in range(torch.cuda.device_count())]
