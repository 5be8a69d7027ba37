"""A dataset as a network sees it: labels by the names of classes."""

import pytest

from zen_lightning.data import Digits
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.data.seen_source import SeenSource, labels_for
from zen_lightning.errors import UserError
from zen_lightning.testing import check_dataset

SEEN = Preprocessing(16, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), (*"56789", "none", *"01234"))


def test_it_is_a_dataset_whose_labels_are_those_of_the_network() -> None:
    seen = SeenSource(Digits(), SEEN)
    check_dataset(lambda: seen)
    assert (seen.num_classes, seen.mean, seen.std) == (11, SEEN.mean, SEEN.std)
    for index in range(20):
        assert seen.classes[seen.val().label(index)] == Digits().classes[Digits().val().label(index)]


def test_what_the_command_says_is_the_datasets_own() -> None:
    seen = SeenSource(Digits(), SEEN, own=["mean"])
    assert (seen.mean, seen.std) == (Digits().mean, SEEN.std)


@pytest.mark.parametrize(
    ("dataset", "network", "wanted"),
    [
        (("a", "b"), ("a", "b"), None),
        (("a", "b"), ("b", "a"), [1, 0]),
        (("b",), ("a", "b"), [1]),
        (("n1", "n2"), ("a", "b"), None),
        (("a",), ("x", "a", "a"), [1]),
    ],
)
def test_classes_are_found_by_name_or_else_by_order(
    dataset: tuple[str, ...], network: tuple[str, ...], wanted: list[int] | None
) -> None:
    found = labels_for(dataset, network)
    assert (None if found is None else found.tolist()) == wanted


@pytest.mark.parametrize(
    ("dataset", "network", "message"),
    [
        (("a", "b", "fox"), ("a", "b", "c"), "does not know the classes fox of the dataset"),
        (("a", "b"), ("x", "y", "z"), "the network has 3 classes, and the dataset 2, of which it does not know a, b"),
    ],
)
def test_unknown_classes_are_refused(dataset: tuple[str, ...], network: tuple[str, ...], message: str) -> None:
    with pytest.raises(UserError, match=message):
        labels_for(dataset, network)
