"""Every family of super-blocks keeps to what every family does: one name to all of it, the others to what is quick."""

import pytest

from zen_lightning.arch import families
from zen_lightning.testing.blocks import BLOCK, BlockCase, names_of

SHIPPED = [name for name in families.names() if families[name].__module__.startswith("zen_lightning.")]
ONE_EACH = sorted({names_of(families[name].__mro__[1])[-1] for name in SHIPPED})
SLOW = ("counts_are_those_of_the_network_as_built", "both_estimators_of_the_zen_score_agree")


@pytest.mark.parametrize("check", BLOCK.checks)
@pytest.mark.parametrize("name", ONE_EACH)
def test_one_of_each_family_keeps_to_what_every_family_does(name: str, check: str) -> None:
    BLOCK.checks[check](BlockCase(name))


@pytest.mark.parametrize("check", [check for check in BLOCK.checks if check not in SLOW])
def test_every_name_does(check: str) -> None:
    for name in SHIPPED:
        BLOCK.checks[check](BlockCase(name))
