"""The dataset of a training, as the command line names it."""

import pytest

from command_line import composed
from zen_lightning.data import Digits
from zen_lightning.errors import UserError
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.tasks.training.images import image_size_of, make_source, read_source


def said(*keys: str) -> Command:
    """Return a command on whose line keys stand."""
    return Command(tuple(f"{key}=1" for key in keys))


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("dataset.image_size=0", "dataset.image_size=0: expected 1 or more"),
        ("dataset.root=/x", "dataset.root=/x: the digits come with the package; leave dataset.root out"),
        ("dataset.val_fraction='${seed}'", "dataset.val_fraction=0: expected a share above 0 and below 1; it refers to seed"),
        ("dataset=noise", "task=train needs images: dataset=noise has none"),
    ],
)
def test_a_dataset_that_cannot_be_is_named_by_its_keys(override: str, sentence: str) -> None:
    dataset = [] if override.startswith("dataset=") else ["dataset=digits"]
    with pytest.raises(UserError) as caught:
        read_source(composed("task=train", *dataset, override))
    assert str(caught.value).startswith(sentence)


def test_classes_on_the_command_line_must_be_those_of_the_dataset() -> None:
    config = composed("task=train", "dataset=digits", "num_classes=7")
    with pytest.raises(UserError, match="num_classes=7: dataset=digits has 10 classes"):
        read_source(config, said("num_classes"))
    assert read_source(config).num_classes == 10  # It is the default of the configuration, and nobody said it.


def test_images_have_the_size_of_the_dataset_unless_the_command_line_says_another() -> None:
    config, source = composed("task=train", "dataset=digits", "resolution=24"), Digits()
    assert image_size_of(config, NO_COMMAND, source) == source.image_size == 16
    assert image_size_of(config, said("resolution"), source) == 24
    config.resolution = 0
    with pytest.raises(UserError, match=r"^resolution=0: expected 1 or more"):
        image_size_of(config, said("resolution"), source)


def test_a_source_is_made_before_anything_slow_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(self: Digits) -> None:
        raise AssertionError

    monkeypatch.setattr(Digits, "prepare", prepare)
    assert make_source(composed("task=train", "dataset=digits")).num_classes == 10
