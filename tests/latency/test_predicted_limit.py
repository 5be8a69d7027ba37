"""A limit on predicted latency."""

import pickle

from fake_device import fake_profile
from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget
from zen_lightning.latency import LatencyPredictor, PredictedLatencyLimit
from zen_lightning.latency.samples import preset_start


def test_networks_over_the_limit_are_rejected_and_one_at_it_passes() -> None:
    predictor = LatencyPredictor(fake_profile())
    network = preset_start("resnet", 0.5)
    exact = predictor.milliseconds(network)
    assert Budget([PredictedLatencyLimit(exact, predictor, 224, 1000)]).violated(network) is None
    over = Budget([PredictedLatencyLimit(exact, predictor, 224, 1000, factor=1.01)]).violated(network)
    assert over is not None
    assert (over.name, over.repeatable) == ("latency_ms", True)


def test_what_the_profile_does_not_reach_is_over() -> None:
    limit = PredictedLatencyLimit(1e9, LatencyPredictor(fake_profile()), 224, 1000)
    assert limit.measure(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperConvK1BNRELU(8,9000,1,1)")) == float("inf")


def test_it_can_be_sent_to_another_process() -> None:
    limit = PredictedLatencyLimit(1.0, LatencyPredictor(fake_profile()), 224, 1000)
    network = preset_start("resnet", 0.5)
    assert pickle.loads(pickle.dumps(limit)).measure(network) == limit.measure(network)
