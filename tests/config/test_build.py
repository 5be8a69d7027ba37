"""Objects of configuration, and the keys that their errors name."""

import pytest
from omegaconf import OmegaConf

from zen_lightning.config.build import build
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy

NODE = {
    "_target_": "zen_lightning.proxy.naswot.NasWot",
    "device": "${device}",
    "variant": "paper",
    "resolution": "${image.size}",
}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"device": "gpu"}, "device=gpu: expected cpu"),
        ({"proxy": {"device": "gpu"}}, "proxy.device=gpu: expected cpu"),
        ({"proxy": {"variant": "papr"}}, "proxy.variant=papr: naswot has no such variant"),
        ({"image": {"size": 0}}, "image.size=0: expected 1 or more"),
        ({"image": {"size": "wide"}}, "image.size=wide: expected a whole number, 1 or more"),
    ],
)
def test_errors_name_the_key_that_was_set(values: dict[str, object], sentence: str) -> None:
    config = OmegaConf.merge({"device": "cpu", "image": {"size": 8}, "proxy": NODE}, values)
    with pytest.raises(UserError) as caught:
        build(config.proxy, "proxy", Proxy)
    assert str(caught.value).startswith(sentence)
