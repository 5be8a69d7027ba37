"""What every proxy keeps to. A new proxy joins by one line in PROXIES."""

import contextlib
import copy
import inspect
import math
import pickle
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy import CannotScoreError, Proxy, RankedProxy, Score
from zen_lightning.proxy.az_nas import AzNas
from zen_lightning.proxy.base import Scorable
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
from zen_lightning.space import search_space

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

RESNET = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperResK1K5K1(16,24,2,8,1)")
MOBILENET = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)")
CELLS = [
    search_space("nas_bench_201").parse(text)
    for text in (
        "|nor_conv_1x1~0|+|skip_connect~0|none~1|+|skip_connect~0|avg_pool_3x3~1|none~2|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
    )
]
COUNTS = ("resolution", "num_classes", "batch_size", "repeats", "in_channels", "batches")


class Foreign(nn.Module):
    """Somebody's network: not a row of super-blocks, and relus are functions."""

    def __init__(self, activation: Callable[[Tensor], Tensor] = functional.relu, factor: float = 1.0) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.second = nn.Conv2d(6, 8, 3, stride=2, bias=False)
        self.linear = nn.Linear(8, 10)
        self.activation = activation
        self.factor = factor

    def forward(self, images: Tensor) -> Tensor:
        x_bchw = self.first(images) * self.factor * self.factor
        x_bchw = self.activation(self.second(self.activation(self.norm(x_bchw))))
        out: Tensor = self.linear(functional.adaptive_avg_pool2d(x_bchw, 1).flatten(1))
        return out


def options_of(factory: Callable[..., Proxy]) -> list[str]:
    """Return the names of the arguments of a proxy."""
    return list(inspect.signature(type(factory())).parameters)


def make_images(root: Path, count: int = 32) -> Path:
    """Write a folder of two class folders of tiny images of noise."""
    from PIL import Image

    rng = Random(0)
    for index in range(count):
        folder = root / ("cats" if index % 2 else "dogs")
        folder.mkdir(parents=True, exist_ok=True)
        Image.frombytes("RGB", (20, 18), rng.randbytes(20 * 18 * 3)).save(folder / f"{index}.png")
    return root


def scored_or_reason(proxy: Proxy, network: Scorable) -> Score | None:
    """Return the score, which is finite; or None where a sentence says why there is none."""
    try:
        score = proxy.score(network, seed=1)
    except CannotScoreError as error:
        reason = str(error)
    else:
        assert all(math.isfinite(value) for value in (score.value, *score.parts))
        return score
    assert len(reason.split()) > 4
    return None


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_images(tmp_path_factory.mktemp("images"))


@each_proxy
def test_a_score_is_a_finite_float(factory: Callable[..., Proxy]) -> None:
    for architecture in (RESNET, MOBILENET):
        score = factory().score(architecture)
        assert isinstance(score, Score)
        assert type(score.value) is float
        assert math.isfinite(score.value)


@each_proxy
def test_a_cell_has_a_finite_score_or_a_reason(factory: Callable[..., Proxy]) -> None:
    for cell in CELLS:
        scored_or_reason(factory(), cell)


@each_proxy
def test_the_same_seed_gives_the_same_score(factory: Callable[..., Proxy]) -> None:
    proxy = factory()
    first = proxy.score(RESNET, seed=5)
    proxy.score(MOBILENET, seed=6)
    assert proxy.score(RESNET, seed=5) == first
    assert factory().score(RESNET, seed=5) == first
    assert proxy.score(RESNET) == proxy.score(RESNET, seed=0)


@each_proxy
def test_the_standard_error_says_whether_there_is_noise(factory: Callable[..., Proxy]) -> None:
    """Heavy tails may well have an error beyond their value; a count of few may be the same twice in a row."""
    scores = [factory().score(RESNET, seed=seed) for seed in (1, 2, 3)]
    if scores[0].standard_error == 0.0:
        assert scores[0] == scores[1] == scores[2]
    else:
        assert len({score.parts or score.value for score in scores}) > 1
        for score in scores:
            assert score.standard_error is None or 0 <= score.standard_error < math.inf


@each_proxy
def test_repeats_are_independent_draws(factory: Callable[..., Proxy]) -> None:
    """The mean of two is as far from the first as its standard error says."""
    if "repeats" not in options_of(factory):
        return
    one, two = (factory(repeats=repeats).score(RESNET, seed=1) for repeats in (1, 2))
    assert one.standard_error is None
    assert len(one.parts) == len(two.parts)
    if two.standard_error is not None:
        assert abs(two.value - one.value) == pytest.approx(two.standard_error, rel=1e-6)
    else:
        assert isinstance(factory(), RankedProxy)


@each_proxy
def test_pickling(factory: Callable[..., Proxy]) -> None:
    proxy = factory()
    score = proxy.score(RESNET, seed=1)
    assert pickle.loads(pickle.dumps(proxy)).score(RESNET, seed=1) == score
    assert pickle.loads(pickle.dumps(score)) == score


@each_proxy
def test_it_has_a_name(factory: Callable[..., Proxy]) -> None:
    name = factory().name
    assert name.isidentifier()
    assert name == name.lower()


@each_proxy
def test_global_random_numbers_are_left_alone(factory: Callable[..., Proxy]) -> None:
    before, before_python = torch.get_rng_state(), random.getstate()
    factory().score(RESNET, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert random.getstate() == before_python


@each_proxy
def test_any_seed_will_do(factory: Callable[..., Proxy]) -> None:
    for seed in (-1, 2**31, Random(0).getrandbits(64)):
        assert math.isfinite(factory().score(MOBILENET, seed=seed).value)


@each_proxy
def test_gradients_may_be_off(factory: Callable[..., Proxy]) -> None:
    expected = factory().score(MOBILENET, seed=1)
    with torch.no_grad():
        assert factory().score(MOBILENET, seed=1) == expected
    assert torch.is_grad_enabled()


@each_proxy
def test_an_extreme_architecture_has_a_finite_score_or_a_reason(factory: Callable[..., Proxy]) -> None:
    for text in ("SuperConvK7BNRELU(3,8,100,2)", "SuperConvK1BNRELU(3,1,1,30)", "SuperResIDWE1K7(3,1,1,1,1)"):
        scored_or_reason(factory(), Architecture.parse(text))


@each_proxy
def test_an_unknown_variant_is_refused(factory: Callable[..., Proxy]) -> None:
    for option, wrong, known in (("variant", "papr", "paper"), ("bn_variance", "batches", "batch")):
        if option in options_of(factory):
            with pytest.raises(UserError, match=f"^{option}={wrong}: .*did you mean '{known}'"):
                factory(**{option: wrong})


@each_proxy
def test_counts_are_positive(factory: Callable[..., Proxy]) -> None:
    for option in set(COUNTS) & set(options_of(factory)):
        for wrong in (0, -1):
            with pytest.raises(UserError, match=f"^{option}={wrong}: "):
                factory(**{option: wrong})


@each_proxy
def test_a_device_that_is_none_is_refused(factory: Callable[..., Proxy]) -> None:
    if "device" in options_of(factory):
        with pytest.raises(UserError, match=r"^device=gpu: expected cpu, cuda"):
            factory(device="gpu")


@each_proxy
def test_a_module_is_left_as_it_is(factory: Callable[..., Proxy]) -> None:
    module = Foreign()
    module.first.requires_grad_(False)
    module.norm.eval()
    module.second.register_forward_hook(lambda *_: None)
    before = _all_of(module)
    with contextlib.suppress(CannotScoreError):
        factory().score(module, seed=1)
    after = _all_of(module)
    assert all(torch.equal(a, b) for a, b in zip(before[0], after[0], strict=True))
    assert before[1:] == after[1:]
    assert all(parameter.grad is None for parameter in module.parameters())


def _all_of(module: nn.Module) -> tuple[Any, ...]:
    tensors = [value.clone() for value in module.state_dict().values()]
    parameters = [(id(parameter), parameter.requires_grad, parameter.dtype) for parameter in module.parameters()]
    parts = [
        (part.training, getattr(part, "momentum", None), len(part._forward_hooks), len(part._forward_pre_hooks))
        for part in module.modules()
    ]
    return tensors, parameters, parts


@each_proxy
def test_what_a_module_holds_does_not_matter(factory: Callable[..., Proxy]) -> None:
    module = Foreign()
    expected = scored_or_reason(factory(), module)
    if expected is None:
        return
    other = copy.deepcopy(module).eval()
    with torch.no_grad():
        for value in other.state_dict().values():
            value.mul_(3)
    assert factory().score(other, seed=1) == expected
    if factory().name != "params":
        assert factory().score(other.requires_grad_(False), seed=1) == expected


@each_proxy
def test_a_network_that_diverges_has_no_score(factory: Callable[..., Proxy]) -> None:
    """What never runs the network, or counts, has nothing to diverge."""
    if factory().cheap and not isinstance(factory(), ZenClosedForm):
        return
    with pytest.raises(CannotScoreError) as caught:
        factory().score(Foreign(factor=1e200), seed=1)
    assert len(str(caught.value).split()) > 3


@each_proxy
def test_a_network_without_relus_has_a_finite_score_or_a_reason(factory: Callable[..., Proxy]) -> None:
    scored_or_reason(factory(), Foreign(activation=torch.sigmoid))


@each_proxy
def test_a_network_that_does_not_run_has_no_score(factory: Callable[..., Proxy]) -> None:
    if factory().name in ("params", "random"):
        return
    with pytest.raises(CannotScoreError, match=r"does not run on images|Sequential"):
        factory().score(nn.Sequential(nn.Conv2d(3, 8, 99), nn.BatchNorm2d(8), nn.ReLU()), seed=1)


@each_proxy
def test_images_of_a_folder(factory: Callable[..., Proxy], images: Path, tmp_path: Path) -> None:
    if "images" not in options_of(factory):
        return
    proxy = factory(images=str(images))
    score = proxy.score(RESNET, seed=1)
    assert math.isfinite(score.value)
    assert proxy.score(RESNET, seed=1) == score
    assert pickle.loads(pickle.dumps(proxy)).score(RESNET, seed=1) == score
    assert proxy.images == str(images)  # type: ignore[attr-defined]
    if getattr(proxy, "variant", "paper") == "released":
        assert score == factory().score(RESNET, seed=1), "the released code scores on noise alone"
    with pytest.raises(UserError, match="expected a folder of class folders with images in them, and there is none"):
        factory(images=str(tmp_path / "nowhere"))


@each_proxy
def test_what_is_combined_are_ranks(factory: Callable[..., Proxy]) -> None:
    proxy = factory()
    if not isinstance(proxy, RankedProxy):
        assert proxy.score(RESNET, seed=1).parts == ()
        return
    scores = [proxy.score(architecture, seed=1) for architecture in (RESNET, MOBILENET)]
    for score in scores:
        assert len(score.parts) == len(proxy.part_names)
        assert all(type(part) is float and math.isfinite(part) for part in score.parts)
        assert score.value == proxy.combine([score.parts])[0]
    rng = Random(1)
    parts = [tuple(float(rng.randrange(6)) for _ in proxy.part_names) for _ in range(12)]
    combined = proxy.combine(parts)
    assert len(combined) == len(parts)
    assert all(math.isfinite(value) for value in combined)
    order = rng.sample(range(12), 12)
    assert proxy.combine([parts[index] for index in order]) == pytest.approx([combined[index] for index in order])
    if getattr(proxy, "variant", "paper") == "paper":
        assert proxy.combine([tuple(math.exp(part) for part in row) for row in parts]) == pytest.approx(combined)
    _check_order(proxy)


def _check_order(proxy: RankedProxy) -> None:
    """Equal networks have one score; a network that is better in every part is better."""
    width = len(proxy.part_names)
    worst, middle, same, best = proxy.combine([(-7.0,) * width, (1.0,) * width, (1.0,) * width, (9.0,) * width])
    assert worst < middle == same < best
    for index in range(width):
        better = tuple(2.0 if part == index else 1.0 for part in range(width))
        one, two = proxy.combine([(1.0,) * width, better])
        assert one < two
