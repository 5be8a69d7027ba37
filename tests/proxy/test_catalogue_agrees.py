"""The catalogue, the configuration and the conformance suite list the same proxies."""

import inspect
import pkgutil
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import zen_lightning.proxy as package
from proxy.test_conformance import PROXIES
from zen_lightning.proxy import Proxy
from zen_lightning.proxy.catalogue import CATALOGUE, proxy_class

CONF = Path(__file__).resolve().parents[2] / "conf" / "proxy"
CLASSES = {name: proxy_class(name) for name in CATALOGUE}


def test_every_class_of_the_package_is_in_the_catalogue() -> None:
    found = set()
    for module in pkgutil.iter_modules(package.__path__):
        members = vars(import_module(f"{package.__name__}.{module.name}")).values()
        found |= {member for member in members if inspect.isclass(member) and issubclass(member, Proxy)}
    assert {kind for kind in found if not inspect.isabstract(kind) and not kind.__name__.startswith("_")} == {*CLASSES.values()}


def test_every_name_has_a_configuration() -> None:
    assert {path.stem for path in CONF.glob("*.yaml")} == {*CATALOGUE}


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_configuration_makes_the_class_of_the_catalogue(name: str) -> None:
    arguments = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    assert arguments.pop("_target_") == f"zen_lightning.proxy.{CATALOGUE[name]}"
    known = inspect.signature(CLASSES[name]).parameters
    assert {*arguments} <= {*known}
    missing = {*known} - {*arguments}
    assert missing <= {"in_channels"}


def test_every_proxy_is_in_the_conformance_suite_in_every_variant() -> None:
    tested = set()
    for _, factory in PROXIES:
        proxy = factory()
        tested.add((type(proxy), getattr(proxy, "variant", None) or getattr(proxy, "bn_variance", None)))
    expected = set()
    for kind in CLASSES.values():
        parameters = inspect.signature(kind).parameters
        variants = ["batch", "running"] if "bn_variance" in parameters else getattr(kind, "variants", None)
        if variants is None:
            variants = ["paper", "released"] if "variant" in parameters else [None]
        expected |= {(kind, variant) for variant in variants}
    assert tested == expected


def test_a_line_of_the_suite_is_named_after_its_proxy() -> None:
    for label, factory in PROXIES:
        assert label.replace("-", "_").startswith(factory().name)
        assert isinstance(factory, partial | type)
