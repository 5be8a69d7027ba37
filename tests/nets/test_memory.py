"""Networks that no memory holds are refused before any is asked for."""

import time
from pathlib import Path

import pytest
from safetensors.torch import save_file

from command_line import Zen
from zen_lightning.arch import parse_architecture
from zen_lightning.cli.typed import as_typed
from zen_lightning.errors import UserError
from zen_lightning.nets import build_network, read_weights

HUGE = "SuperConvK3BNRELU(3,1000000,1,1)SuperConvK7BNRELU(1000000,1000000,1,2)"
TINY = "SuperConvK3BNRELU(3,4,2,1)"


def test_a_structure_of_terabytes_is_refused() -> None:
    with pytest.raises(UserError, match=r"weights cannot be built: it needs .* of memory, and .* are free"):
        build_network(parse_architecture(HUGE), 10)
    assert build_network(parse_architecture(TINY), 10) is not None


def test_so_are_classes_that_a_file_of_weights_claims(tmp_path: Path) -> None:
    metadata = {"format": "zen-lightning", "architecture": TINY, "num_classes": "9" * 15, "use_se": "false"}
    save_file({}, tmp_path / "weights.safetensors", metadata)
    with pytest.raises(UserError, match=r"weights\.safetensors: num_classes=9{15}: expected 1 or more and 16,777,216 or less"):
        read_weights(tmp_path / "weights.safetensors")


def test_a_command_says_so(zen: Zen) -> None:
    ended = zen("task=latency", f"arch={HUGE}", "device=cpu", "resolution=32", "latency.measure_seconds=0.01")
    assert (ended.code, "cannot be built" in ended.err) == (2, True), ended


@pytest.mark.parametrize("text", ["(" + "," * 64_000, "(," * 32_000, "'" + "a'," * 20_000, "," * 64_000])
def test_a_long_argument_is_read_in_time(text: str) -> None:
    began = time.monotonic()
    with pytest.raises(UserError, match="4,096 at most"):
        as_typed(f"arch=[{text}]", sweep=False)
    assert time.monotonic() - began < 60  # Seconds on an idle machine: it took hours.
