"""What a suite says of a class that does not conform."""

from pathlib import Path

import pytest

import zen_lightning.testing as testing
from zen_lightning.arch import Conv, SuperBlock, Unit, super_block
from zen_lightning.data import Digits
from zen_lightning.proxy.counts import Flops
from zen_lightning.proxy.random_score import RandomScore
from zen_lightning.testing.suite import Suite, raises
from zen_lightning.testing.trackers import Kept
from zen_lightning.tracking.tensorboard_tracker import TensorBoardTracker


def test_all_that_fails_is_listed() -> None:
    suite: Suite[int] = Suite("number")

    @suite.add
    def _it_is_small(number: int) -> None:
        assert number < 10, f"{number} is 10 or more"

    @suite.add
    def _it_is_even(number: int) -> None:
        assert number % 2 == 0

    @suite.add
    def _it_divides(number: int) -> None:
        assert 1 / number

    suite.run(8)
    with pytest.raises(AssertionError) as caught:
        suite.run(13)
    what, small, *_, even = str(caught.value).splitlines()
    assert what == "2 of 3 things that hold for every number do not hold:"
    assert small == "- it is small: 13 is 10 or more"
    assert even.startswith("- it is even: assert ")
    with pytest.raises(AssertionError, match="- it divides: ZeroDivisionError: division by zero; assert 1 / number"):
        suite.run(0)


def test_raises() -> None:
    with raises(ValueError, "a+b") as raised:
        raise ValueError("xaab")
    assert str(raised.errors[0]) == "xaab"
    with pytest.raises(AssertionError, match="expected a ValueError"), raises(ValueError):
        pass
    with pytest.raises(AssertionError, match="the error says 'x'; expected 'y'"), raises(ValueError, "y"):
        raise ValueError("x")


def test_every_name_is_there() -> None:
    assert all(callable(getattr(testing, name)) for name in testing.__all__)
    with pytest.raises(AttributeError):
        _ = testing.check_nothing


class Moody(RandomScore):
    """Never gives the same score twice."""

    def score(self, architecture, seed=0):  # type: ignore[no-untyped-def]
        Moody.calls = getattr(Moody, "calls", 0) + 1
        return super().score(architecture, seed + Moody.calls)


def test_a_proxy_that_does_not_conform() -> None:
    testing.check_proxy(Flops, resolution=32)
    with pytest.raises(AssertionError, match=r"the same seed gives the same score: assert proxy\.score"):
        testing.check_proxy(Moody)


class Leaky(Digits):
    """Validates on what it is trained on."""

    def val(self):  # type: ignore[no-untyped-def]
        return self.train()


def test_a_dataset_that_does_not_conform() -> None:
    with pytest.raises(AssertionError, match=r"1 of 8 .*\n- training and validation share no image: \d+ images are in both"):
        testing.check_dataset(Leaky)


def test_a_block_that_does_not_conform() -> None:
    @super_block("TestLooseK{kernel_size}", kernel_size=(3,))
    class Loose(SuperBlock):
        kernel_size: int

        def expand(self) -> tuple[Unit, ...]:
            return (Conv(self.in_channels, self.out_channels, self.kernel_size, 1),)

    with pytest.raises(AssertionError, match=r"(?s)TestLooseK3: .*its convolutions follow one another: .* downsamples by 1"):
        testing.check_block(Loose)


def test_a_tracker_that_forgets() -> None:
    pytest.importorskip("tensorboard")

    def forgetful(folder: Path) -> Kept:
        return Kept(facts="17 zen 9.9 abc1234 seed=17,budget=params1M my_sweep")

    with pytest.raises(AssertionError, match=r"what is told is read back: its curves are \{\}"):
        testing.check_tracker(TensorBoardTracker, forgetful)
