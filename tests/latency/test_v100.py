"""The shipped profiles of a V100, against the networks whose latencies were published."""

import pytest

from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.latency.at_hand import is_here, warnings_of
from zen_lightning.latency.operations import OutsideProfileError
from zen_lightning.latency.predictor import LatencyPredictor
from zen_lightning.latency.profile import Profile, find_profile

NAMES = ("v100-tensorrt-fp16", "v100-unfused-fp16")
RESNETS = tuple(f"zennet_imagenet1k_latency{ms}ms_res224" for ms in ("01", "02", "03", "05", "08", "12"))
TEXT = "SuperConvK3BNRELU(3,{0},2,1)SuperResIDWE2K7({0},{0},2,{0},1)SuperConvK1BNRELU({0},512,1,1)"


@pytest.fixture(params=NAMES, scope="module")
def profile(request: pytest.FixtureRequest) -> Profile:
    return find_profile(request.param)


def test_the_published_networks_are_in_order_and_as_the_profile_says(profile: Profile) -> None:
    known = {network["structure"]: network["predicted"] for network in profile.networks}
    assert len(known) == 9
    found = []
    for name in RESNETS:
        text = zoo.structure(name)
        found.append(LatencyPredictor(profile).milliseconds(Architecture.parse(text)))
        assert found[-1] == pytest.approx(known[text], rel=1e-4)
    assert found == sorted(found)
    assert profile.held_out.spearman >= 0.9


def test_milliseconds_are_for_one_image(profile: Profile) -> None:
    published = zoo.entry(RESNETS[2]).published["v100_ms"]
    predicted = LatencyPredictor(profile).milliseconds(Architecture.parse(zoo.structure(RESNETS[2])))
    assert 0.5 * published < predicted < published


def test_tensorrt_fuses_what_is_an_operation_of_its_own_otherwise() -> None:
    fused, alone = (LatencyPredictor(find_profile(name)) for name in NAMES)
    arch = Architecture.parse(TEXT.format(64))
    assert fused.milliseconds(arch) < 0.8 * alone.milliseconds(arch)
    assert fused.predict(arch).uncertainty > 0


def test_squeeze_and_excitation_takes_time(profile: Profile) -> None:
    arch = Architecture.parse(TEXT.format(64))
    assert LatencyPredictor(profile, use_se=True).milliseconds(arch) > 1.02 * LatencyPredictor(profile).milliseconds(arch)


def test_it_ends_where_the_table_ends(profile: Profile) -> None:
    with pytest.raises(OutsideProfileError, match=r"does not reach the .*512 channels.*: it holds out channels of 8 to 256"):
        LatencyPredictor(profile).milliseconds(Architecture.parse(TEXT.format(512)))


def test_it_is_never_measured_here_and_says_what_it_is(profile: Profile) -> None:
    assert not is_here(profile)
    said = " ".join(warnings_of(profile))
    for part in ("TensorRT", "classifier are estimated", "times as long", "each network left out in turn"):
        assert part in said
