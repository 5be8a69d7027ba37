"""What a measurement says of itself."""

from zen_lightning.latency.measured import Measured
from zen_lightning.latency.timing import Timing


def test_milliseconds_are_for_one_image() -> None:
    measured = Measured.of(Timing(0.8, 0.82, 0.84, 30, 0.9), batch_size=8)
    assert (measured.milliseconds, measured.repeats, measured.trusted, measured.warning) == (100.0, 30, True, None)


def test_a_wide_spread_is_a_sentence_that_says_what_to_do() -> None:
    assert "20% apart, too wide to trust; close what else runs" in str(Measured(0.9, 1.0, 1.1, 30).warning)
    assert "too wide to trust: something else runs on the device; close" in str(Measured(0.9, 1.0, 1.1, 30, 0.4).warning)
