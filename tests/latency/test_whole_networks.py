"""Profiles from the times of whole networks."""

from dataclasses import replace
from pathlib import Path

import pytest

from fake_device import network_seconds
from zen_lightning.arch import AccelArchitecture
from zen_lightning.errors import UserError
from zen_lightning.latency.fit import MeasuredNetwork
from zen_lightning.latency.predictor import LatencyPredictor
from zen_lightning.latency.profile import read_profile
from zen_lightning.latency.samples import sample_networks
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.latency.whole_networks import learning_curve, profile_of_networks

PHONE = LatencySettings("Pixel 2", "int8", 1, engine="TFLite", elsewhere=True)
NETWORKS = [MeasuredNetwork(a, 224, 1000, 1000 * network_seconds(a)) for a in sample_networks(60, (3e7, 1e9), "phone")]


def test_a_phone_that_is_a_sum_of_its_operations_is_met(tmp_path: Path) -> None:
    profile = profile_of_networks(NETWORKS, PHONE, "phone", "2026-11-27")
    assert profile.held_out.median < 0.04
    assert profile.held_out.spearman > 0.99
    path = tmp_path / "phone.json"
    profile.write(path)
    read = read_profile(path)
    assert (read.whole, read.settings, read.checksum) == (profile.whole, PHONE, profile.checksum)
    other = next(iter(sample_networks(1, (2e8, 3e8), "another")))
    prediction = LatencyPredictor(read).predict(other)
    assert prediction.milliseconds == pytest.approx(1000 * network_seconds(other), rel=0.1)
    assert prediction.uncertainty > 0


def test_networks_of_a_benchmark_are_read_like_any() -> None:
    archs = [
        AccelArchitecture.parse(f"e{e}k{k}l1s{s} e4k5l2s0 e6k3l{n}s0 e6k5l3s0 e6k5l2s0 e1k3l2s0 e1k3l2s0")
        for e in (1, 4, 6)
        for k in (3, 5)
        for s in (0, 1)
        for n in (1, 2)
    ]
    known = [MeasuredNetwork(arch, 224, 1000, 1e-8 * arch.flops(224)) for arch in archs]
    profile = profile_of_networks(known, PHONE, "phone", "2026-11-27")
    assert profile.held_out.median < 0.02
    assert LatencyPredictor(profile).milliseconds(archs[0]) == pytest.approx(known[0].milliseconds, rel=0.05)


def test_more_networks_are_better_than_few() -> None:
    found = learning_curve(NETWORKS, (12, 45), PHONE)
    assert found[45].median < found[12].median
    assert (found[12].networks, found[45].networks) == (48, 15)


def test_too_few_and_impossible_times_are_refused() -> None:
    with pytest.raises(UserError, match="from the times of 10 networks or more, and here are 9: measure more"):
        profile_of_networks(NETWORKS[:9], PHONE, "phone", "2026-11-27")
    wrong = [*NETWORKS[:11], NETWORKS[11]._replace(milliseconds=0.0)]
    with pytest.raises(UserError, match=r"has a latency of 0\.0 ms: expected a number above 0"):
        profile_of_networks(wrong, replace(PHONE), "phone", "2026-11-27")
