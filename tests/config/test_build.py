"""Objects of configuration, and the keys that their errors name."""

import pytest
from omegaconf import OmegaConf

from zen_lightning.config.build import argument_problems, build
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy
from zen_lightning.system.annotations import fields_of, range_of

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
        ({"image": {"size": 0}}, "proxy.resolution=0: expected 1 or more; it refers to image.size"),
        ({"image": {"size": "wide"}}, "proxy.resolution=wide: expected a whole number, 1 or more; it refers to image.size"),
    ],
)
def test_errors_name_the_key_that_was_set(values: dict[str, object], sentence: str) -> None:
    config = OmegaConf.merge({"device": "cpu", "image": {"size": 8}, "proxy": NODE}, values)
    with pytest.raises(UserError) as caught:
        build(config.proxy, "proxy", Proxy)
    assert str(caught.value).startswith(sentence)


class _Plain:
    """A class of a user, with types that do not say null."""

    def __init__(self, name: str = None, flag: bool = None, size: int = 3) -> None:  # type: ignore[assignment]  # noqa: RUF013
        pass


def test_null_is_taken_where_it_is_the_default() -> None:
    assert argument_problems(_Plain, {"name": None, "flag": None}, "dataset") == []
    assert [problem.key for problem in argument_problems(_Plain, {"name": 1, "size": None}, "dataset")] == [
        "dataset.name",
        "dataset.size",
    ]
    taken = {name: range_of(hint) for name, hint in fields_of(_Plain).items()}
    assert [name for name, wanted in taken.items() if wanted is not None and wanted.wrong(None, name) is None] == [
        "name",
        "flag",
    ]
