"""Networks of torchvision and timm in a study."""

import pickle
from pathlib import Path

import pytest
from torch import nn

from zen_lightning.arch import Architecture
from zen_lightning.correlate import named
from zen_lightning.correlate.covariates import costs_of
from zen_lightning.correlate.named import ByName, NamedNetwork
from zen_lightning.correlate.record import ScoreRecord
from zen_lightning.correlate.scoring import NamedProxy, collect_scores, pool_proxies, score_missing
from zen_lightning.errors import UserError
from zen_lightning.nets.named_modules import named_module
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.counts import Flops, Params
from zen_lightning.proxy.synflow import SynFlow
from zen_lightning.search.worker_pool import WorkerPool

SMALL = NamedNetwork.parse("torchvision:squeezenet1_1")
NETS = [SMALL, NamedNetwork.parse("torchvision:mobilenet_v3_small"), NamedNetwork.parse("torchvision:resnet18")]


def test_a_name_is_a_few_bytes_and_the_same_network_everywhere() -> None:
    assert str(SMALL) == "torchvision:squeezenet1_1"
    again = pickle.loads(pickle.dumps(SMALL))
    assert (again, hash(again)) == (SMALL, hash(SMALL))
    assert len(pickle.dumps(SMALL)) < 200


def test_counts() -> None:
    resnet = NETS[2]
    found = costs_of(["flops", "params", "layers", "activations"], [resnet], {}, 224, 10)
    # Published: 1.81G, 11.69M, 20 convolutions (three are projections), 2.48M activations.
    assert found == {"flops": [1_814_073_344], "params": [11_689_512], "layers": [20], "activations": [2_483_712]}


def test_what_modules_have_no_count_of_is_said() -> None:
    with pytest.raises(UserError, match=r"se cannot be counted of torchvision:squeezenet1_1: add a column 'se'"):
        costs_of(["se"], [SMALL], {}, 32, 10)
    assert costs_of(["se"], [SMALL], {"se": [2.0]}, 32, 10) == {"se": [2.0]}


def test_a_network_that_does_not_run_at_the_resolution_is_named() -> None:
    with pytest.raises(UserError, match=r"torchvision:alexnet: it does not run on images of 1x3x8x8"):
        costs_of(["flops"], [NamedNetwork.parse("torchvision:alexnet")], {}, 8, 10)


def test_a_proxy_is_given_the_module() -> None:
    module = named_module(SMALL.name)
    for proxy in (Flops(64), Params(), SynFlow(64)):
        assert ByName(proxy).score(SMALL, 3).value == pytest.approx(proxy.score(module, 3).value)
    row = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")
    assert ByName(Params()).score(row) == Params().score(row)
    with pytest.raises(CannotScoreError, match="not a SqueezeNet"):
        ByName(ZenClosedForm(64)).score(SMALL)


def test_a_module_that_cannot_be_built_has_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, num_classes: int) -> nn.Module:
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(named, "named_module", broken)
    named._built.cache_clear()
    with pytest.raises(CannotScoreError, match="torchvision:squeezenet1_1 cannot be built: no such kernel"):
        ByName(Params()).score(SMALL)


@pytest.mark.long
def test_workers_build_them(tmp_path: Path) -> None:
    proxies = [NamedProxy("flops", Flops(64), {}), NamedProxy("zen", ZenClosedForm(64), {})]
    record = ScoreRecord(tmp_path / "scores.jsonl", {})
    for proxy in proxies:
        record.join(proxy.label, {})
    with WorkerPool(pool_proxies(proxies, NETS), workers=2, preload=("torch",)) as pool:
        score_missing(pool, proxies, NETS, record, lambda: None)
    flops, zen = (collect_scores(proxy, NETS, record) for proxy in proxies)
    record.close()
    assert flops.values == costs_of(["flops"], NETS, {}, 64, 10)["flops"]
    assert zen.values == [None] * 3
    assert zen.failures.total() == 3
