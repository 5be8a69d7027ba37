"""Every proxy of the project keeps to what every proxy does. A new one joins by one line in PROXIES."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from torch import nn

from zen_lightning.proxy import CannotScoreError, Proxy
from zen_lightning.proxy.az_nas import AzNas
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.counts import Flops, Params
from zen_lightning.proxy.deepmad import DeepMad
from zen_lightning.proxy.entropy import MultiScaleEntropy
from zen_lightning.proxy.fisher import Fisher
from zen_lightning.proxy.grad_norm import GradNorm
from zen_lightning.proxy.grasp import Grasp
from zen_lightning.proxy.jacob_cov import JacobCov
from zen_lightning.proxy.linear_regions import LinearRegions
from zen_lightning.proxy.meco import MeCo
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo
from zen_lightning.proxy.naswot import NasWot
from zen_lightning.proxy.ntk import NtkConditionNumber
from zen_lightning.proxy.random_score import RandomScore
from zen_lightning.proxy.snip import Snip
from zen_lightning.proxy.swap import Swap
from zen_lightning.proxy.synflow import SynFlow
from zen_lightning.proxy.te_nas import TeNas
from zen_lightning.proxy.zen_calibrated import ZenCalibrated
from zen_lightning.proxy.zico import ZiCo
from zen_lightning.testing.proxies import PROXY

SMALL: dict[str, Any] = {"resolution": 16, "num_classes": 10, "batch_size": 4}

PROXIES: list[tuple[str, Callable[..., Proxy]]] = [
    ("zen-closed-form-running", partial(ZenClosedForm, resolution=32)),
    ("zen-closed-form-batch", partial(ZenClosedForm, resolution=32, bn_variance="batch")),
    ("zen-monte-carlo-one-draw", partial(ZenMonteCarlo, resolution=16, batch_size=4)),
    ("zen-monte-carlo-three-draws", partial(ZenMonteCarlo, resolution=16, bn_variance="batch", batch_size=4, repeats=3)),
    ("zen_calibrated-imagenet", partial(ZenCalibrated, resolution=32, weights="imagenet")),
    ("zen_calibrated-small", partial(ZenCalibrated, resolution=32, weights="small")),
    ("deepmad", partial(DeepMad, resolution=32, rho=None)),
    ("entropy", partial(MultiScaleEntropy, resolution=32)),
    ("flops", partial(Flops, resolution=32)),
    ("flops-released", partial(Flops, resolution=32, variant="released")),
    ("params", partial(Params, resolution=32)),
    ("params-released", partial(Params, resolution=32, variant="released")),
    ("random", RandomScore),
    ("az_nas", partial(AzNas, **SMALL)),
    ("fisher", partial(Fisher, **SMALL)),
    ("grad_norm", partial(GradNorm, **SMALL)),
    ("grad_norm-released", partial(GradNorm, **SMALL, variant="released", repeats=3)),
    ("grasp", partial(Grasp, **SMALL)),
    ("jacob_cov", partial(JacobCov, **SMALL)),
    ("linear_regions", partial(LinearRegions, **SMALL)),
    ("meco", partial(MeCo, **SMALL)),
    ("naswot", partial(NasWot, **SMALL)),
    ("naswot-released", partial(NasWot, **SMALL, variant="released")),
    ("ntk", partial(NtkConditionNumber, **SMALL)),
    ("ntk-released", partial(NtkConditionNumber, **SMALL, variant="released")),
    ("snip", partial(Snip, **SMALL)),
    ("swap", partial(Swap, **SMALL | {"batch_size": 12})),
    ("synflow", partial(SynFlow, **SMALL)),
    ("synflow-released", partial(SynFlow, **SMALL, variant="released")),
    ("te_nas", partial(TeNas, **SMALL)),
    ("te_nas-released", partial(TeNas, **SMALL, variant="released")),
    ("zico", partial(ZiCo, **SMALL)),
]

each_proxy = pytest.mark.parametrize("factory", [factory for _, factory in PROXIES], ids=[name for name, _ in PROXIES])


@pytest.mark.parametrize("check", PROXY.checks)
@each_proxy
def test_it_keeps_to_what_every_proxy_does(factory: Callable[..., Proxy], check: str) -> None:
    PROXY.checks[check](factory)


@each_proxy
def test_a_network_that_does_not_run_has_no_score(factory: Callable[..., Proxy]) -> None:
    if factory().name in ("params", "random"):
        return
    with pytest.raises(CannotScoreError, match=r"does not run on images|Sequential"):
        factory().score(nn.Sequential(nn.Conv2d(3, 8, 99), nn.BatchNorm2d(8), nn.ReLU()), seed=1)
