"""How networks are run."""

from typing import Any

import pytest

from zen_lightning.errors import UserError
from zen_lightning.latency.settings import LatencySettings, default_settings


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"device": "gpu"}, "device=gpu: expected cpu, cuda"),
        ({"dtype": "int8"}, "choose from: float16, bfloat16, float32"),
        ({"engine": "tensorrt"}, "choose from: torch, onnxruntime"),
        ({"batch_size": 0}, "batch_size=0: expected 1 or more"),
        ({"threads": 0}, "threads=0: expected 1 or more"),
        ({"engine": "onnxruntime", "dtype": "bfloat16"}, "add device=cpu dtype=float32"),
        ({"engine": "onnxruntime", "compile": True}, "cannot be combined with compile=true or cuda_graph=true"),
        ({"cuda_graph": True}, "cuda_graph=true: it needs a CUDA GPU, not device=cpu"),
    ],
)
def test_what_no_engine_runs_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        LatencySettings(**given)


def test_a_device_brings_its_defaults_and_choices_go_before_them() -> None:
    assert default_settings("cuda:1", dtype=None) == LatencySettings("cuda:1", "float16", 64)
    assert default_settings("cuda", dtype="float32", batch_size=1).dtype == "float32"
    assert default_settings("cpu", threads=4).threads == 4
    assert LatencySettings(**default_settings("cpu").as_dict()) == default_settings("cpu")
