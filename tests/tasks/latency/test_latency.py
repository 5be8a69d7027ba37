"""``task=latency``, its timings replaced."""

import json
from pathlib import Path
from typing import Any

import pytest

from command_line import Zen
from fake_device import fake_profile
from zen_lightning.arch import BaseArchitecture
from zen_lightning.latency.measured import Measured
from zen_lightning.latency.settings import LatencySettings

ONE = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)"
TWO = "SuperConvK3BNRELU(3,8,2,1)"
DEEP = f"{ONE}SuperResK1K3K1(16,32,2,8,1)SuperConvK1BNRELU(32,64,2,1)"


@pytest.fixture(autouse=True)
def timed(monkeypatch: pytest.MonkeyPatch) -> list[LatencySettings]:
    """Put a formula in the place of measurements, and return the settings that were asked for."""
    asked: list[LatencySettings] = []

    def measure(architecture: BaseArchitecture, settings: LatencySettings, *setting: Any, seconds: float) -> Measured:
        asked.append(settings)
        milliseconds = architecture.flops(224) / 1e8 / settings.batch_size
        return Measured(milliseconds, 1.1 * milliseconds, (2.0 if settings.batch_size > 2 else 1.05) * milliseconds, 20)

    monkeypatch.setattr("zen_lightning.api.timing.measure_network", measure)
    return asked


def test_several_networks_and_batch_sizes_in_one_table(zen: Zen, tmp_path: Path) -> None:
    (tmp_path / "two.txt").write_text(TWO)
    arguments = (f"arch=['{ONE}',{tmp_path / 'two.txt'}]", "latency.batch_size=[1,4]", "resolution=64", "num_classes=10")
    ended = zen("task=latency", *arguments, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert [network["structure"] for network in result["networks"]] == [ONE, TWO]
    assert [[found["batch_size"] for found in network["latencies"]] for network in result["networks"]] == [[1, 4]] * 2
    first = result["networks"][0]["latencies"]
    assert first[0]["milliseconds"] == pytest.approx(4 * first[1]["milliseconds"])
    assert [found["trusted"] for found in first] == [True, False]
    assert ended.out.count("too wide to trust") == 2
    assert (result["device_facts"]["versions"]["torch"], result["profile"]) == (result["versions"]["torch"], None)
    assert "cpu, float32, torch, batch norms folded, channels last, 1 thread" in ended.out


def test_options_reach_the_measurement(zen: Zen, tmp_path: Path, timed: list[LatencySettings]) -> None:
    zen(
        "task=latency",
        f"arch={ONE}",
        "latency.fold=false",
        "latency.channels_last=false",
        "latency.threads=2",
        "latency.dtype=bfloat16",
        f"output_dir={tmp_path}",
    )
    (asked,) = timed
    assert (asked.fold_batch_norms, asked.channels_last, asked.threads, asked.dtype) == (False, False, 2, "bfloat16")


def test_with_a_profile_what_it_predicts_stands_beside(
    zen: Zen,
    tmp_path: Path,
    timed: list[LatencySettings],
) -> None:
    path = tmp_path / "fake.json"
    fake_profile().write(path)
    ended = zen("task=latency", f"arch={DEEP}", f"latency.profile={path}", "resolution=128", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert timed == [fake_profile().settings]
    (found,) = json.loads((tmp_path / "result.json").read_text())["networks"][0]["latencies"]
    assert found["predicted_ms"] > found["uncertainty"] > 0
    assert "off by" in ended.out
    beside = zen("task=latency", f"arch={ONE}", f"latency.profile={path}", "latency.batch_size=1", f"output_dir={tmp_path}")
    assert (beside.code, "latency.batch_size= cannot be combined with latency.profile=fake" in beside.err) == (2, True)


def test_for_another_device_latency_is_predicted_alone(
    zen: Zen,
    tmp_path: Path,
    timed: list[LatencySettings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "fake.json"
    fake_profile().write(path)
    monkeypatch.setattr("zen_lightning.latency.at_hand.device_name", lambda device: "another CPU")
    ended = zen("task=latency", f"arch={DEEP}", f"latency.profile={path}", "resolution=128", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert not timed
    assert "the profile fake is of another device" in ended.out
    (found,) = json.loads((tmp_path / "result.json").read_text())["networks"][0]["latencies"]
    assert found.keys() == {"batch_size", "predicted_ms", "uncertainty"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "task=latency needs arch="),
        (
            (f"arch={ONE}", "latency.batch_size=many"),
            "latency.batch_size=many: expected a count of images, or a list of counts",
        ),
        ((f"arch={ONE}", "latency.measure_seconds=0"), "latency.measure_seconds=0.0: expected seconds above 0"),
        ((f"arch={ONE}", "latency.profile=nobody"), "latency.profile=nobody: no such profile"),
    ],
)
def test_mistakes(zen: Zen, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    ended = zen("task=latency", *arguments, f"output_dir={tmp_path}")
    assert (ended.code, message in ended.err) == (2, True), ended.err


def test_without_a_gpu_the_error_says_how_to_go_on(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    ended = zen("task=latency", f"arch={ONE}", "device=cuda", f"output_dir={tmp_path}")
    assert "device=cuda: PyTorch finds no CUDA GPU here; use device=cpu" in ended.err
