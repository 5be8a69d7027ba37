"""Every kind of operation runs by itself."""

import pytest
import torch

from zen_lightning.latency.operation_pass import operation_pass
from zen_lightning.latency.operations import Operation
from zen_lightning.latency.profiler import Measurer
from zen_lightning.latency.runner import measuring
from zen_lightning.latency.settings import LatencySettings

OPERATIONS = [
    Operation("conv", 3, 2, 8, 16, 8),
    Operation("conv", 1, 1, 512, 512, 4),
    Operation("stem", 3, 2, 3, 8, 16),
    Operation("depthwise", 5, 1, 16, 16, 8),
    *(Operation(kind, 1, 1, 16, 16, 8) for kind in ("relu", "norm", "add", "se")),
    Operation("head", 1, 1, 16, 10, 4),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("fold", [True, False])
def test_operations_run(operation: Operation, fold: bool) -> None:
    settings = LatencySettings(batch_size=2, fold_batch_norms=fold, channels_last=fold)
    with measuring(settings):
        run, count = operation_pass(operation, settings)
        run()
    assert count >= 1


def test_a_measurer_times_operations_and_networks() -> None:
    from zen_lightning.arch import Architecture

    settings = LatencySettings(batch_size=1)
    measurer = Measurer(settings, 0.001, 0.001)
    threads = torch.get_num_threads()
    with measuring(settings):
        assert torch.is_inference_mode_enabled()
        assert measurer.operation(OPERATIONS[0]).low > 0
        assert measurer.network(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)")).repeats >= 5
    assert torch.get_num_threads() == threads
