"""All processes validate with the batch-norm statistics of the first."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from zen_lightning.training.shared_buffers import share_buffers

_RANK = """
import json, sys
import torch
from torch import distributed, nn
from zen_lightning.training.shared_buffers import share_buffers
rank, folder = int(sys.argv[1]), sys.argv[2]
torch.set_num_threads(1)
distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.BatchNorm2d(2), nn.BatchNorm2d(3, track_running_stats=False))
places = [buffer.data_ptr() for buffer in network.buffers()]
with torch.no_grad():
    for number, buffer in enumerate(network.buffers()):
        buffer.copy_(torch.arange(buffer.numel()).view_as(buffer) + 10 * number + 100 * rank)
    for parameter in network.parameters():
        parameter.fill_(rank)
share_buffers(network)
share_buffers(nn.Linear(2, 2))  # Without buffers.
assert places == [buffer.data_ptr() for buffer in network.buffers()]
found = {name: buffer.tolist() for name, buffer in network.named_buffers()}
kinds = {str(buffer.dtype) for buffer in network.buffers()}
weights = {float(parameter.mean()) for parameter in network.parameters()}
open(f"{folder}/{rank}.json", "w").write(json.dumps([found, sorted(kinds), sorted(weights)]))
distributed.destroy_process_group()
"""


@pytest.mark.slow
@pytest.mark.long
def test_two_processes_get_the_buffers_of_the_first_and_keep_their_weights(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "OMP_NUM_THREADS": "1"}
    children = [subprocess.Popen([sys.executable, "-c", _RANK, str(rank), str(tmp_path)], env=env) for rank in range(2)]
    assert [child.wait(600) for child in children] == [0, 0]
    (first, kinds, of_first), (second, _, of_second) = (
        json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(2)
    )
    assert first == second
    assert first["1.running_mean"] == [0, 1, 2, 3]
    assert first["2.num_batches_tracked"] == 50
    assert kinds == ["torch.float32", "torch.int64"]
    assert (of_first, of_second) == ([0.0], [1.0])


def test_one_process_keeps_its_own() -> None:
    norm = nn.BatchNorm2d(3)
    norm.running_mean.fill_(7)  # type: ignore[union-attr]
    share_buffers(norm)
    assert torch.equal(norm.running_mean, torch.full((3,), 7.0))  # type: ignore[arg-type]
