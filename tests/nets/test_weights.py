"""Files of weights."""

import errno
import json
import os
import struct
from pathlib import Path
from random import Random

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import zen_lightning as zl
from zen_lightning.arch import parse_architecture
from zen_lightning.errors import UserError
from zen_lightning.nets import StagedNetwork, build_network, load_weights, read_weights, save_weights
from zen_lightning.nets.state_dict import read_state_dicts
from zen_lightning.system.full_disk import is_full_disk

TINY = "SuperConvK3BNRELU(3,4,2,1)SuperResK1K3K1(4,6,2,5,1)SuperConvK1BNRELU(6,8,1,1)"
CELL = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"


def network(text: str = TINY, num_classes: int = 7, use_se: bool = False) -> StagedNetwork:
    built = build_network(parse_architecture(text), num_classes, use_se)
    for name, value in built.named_buffers():
        if name.endswith("running_var"):
            value.uniform_(0.5, 2)
        elif name.endswith("num_batches_tracked"):
            value.fill_(12)
    return built


def same(one: StagedNetwork, two: StagedNetwork) -> bool:
    mine, theirs = one.state_dict(), two.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(value, theirs[key]) for key, value in mine.items())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "weights.safetensors"


@pytest.mark.parametrize(("text", "use_se"), [(TINY, False), (TINY, True), (CELL, False)])
def test_weights_and_what_they_are_of_come_back(path: Path, text: str, use_se: bool) -> None:
    trained = network(text, use_se=use_se).to(memory_format=torch.channels_last)
    save_weights(trained, path, resolution=48, extra={"val_top1": "91.5"})
    read, metadata = read_weights(path)
    assert same(read, trained)
    assert (str(read.architecture), read.training) == (text, False)
    assert len(metadata.pop("sha256")) == 64
    assert metadata == {
        "format": "zen-lightning",
        "architecture": text,
        "num_classes": "7",
        "use_se": "true" if use_se else "false",
        "resolution": "48",
        "version": zl.__version__,
        "val_top1": "91.5",
    }
    other = network(text, use_se=use_se)
    again = load_weights(other, str(path))
    del again["sha256"]
    assert again == metadata
    assert same(other, trained)
    assert list(path.parent.iterdir()) == [path]


def test_a_resolution_is_not_made_up(path: Path) -> None:
    save_weights(network(), path)
    assert "resolution" not in read_weights(path)[1]


@pytest.mark.parametrize(
    ("text", "num_classes", "use_se", "message"),
    [
        (TINY.replace("4,6,2,5", "4,6,2,9"), 7, False, r"block 2 is SuperResK1K3K1\(4,6,2,5,1\) there, .*\(4,6,2,9,1\) here"),
        (TINY + "SuperConvK1BNRELU(8,8,1,1)", 7, False, "the architecture has 3 blocks there, 4 here"),
        (CELL, 7, False, r"the architecture is SuperConv.* there, \|nor_conv_3x3~0\|.* here"),
        (TINY, 10, False, "num_classes is 7 there, 10 here"),
        (TINY, 7, True, "use_se is false there, true here"),
    ],
)
def test_another_network_is_refused_by_the_first_difference(
    path: Path, text: str, num_classes: int, use_se: bool, message: str
) -> None:
    save_weights(network(), path)
    other = network(text, num_classes, use_se)
    before = {key: value.clone() for key, value in other.state_dict().items()}
    with pytest.raises(UserError, match=rf"weights\.safetensors: the weights are of another network: {message}$"):
        load_weights(other, path)
    assert all(torch.equal(value, before[key]) for key, value in other.state_dict().items())


def rewrite(path: Path, **changes: torch.Tensor | None) -> None:
    """Change, add or remove tensors of a file."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    tensors = load_file(path)
    for key, value in changes.items():
        tensors.pop(key, None)
        if value is not None:
            tensors[key] = value
    save_file(tensors, path, metadata)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classifier.linear.bias": None}, "'classifier.linear.bias' is missing there"),
        ({"classifier.linear.bias": torch.zeros(9)}, r"'classifier.linear.bias' has shape \(9,\) there, \(7,\) here"),
        ({"more": torch.zeros(1)}, "'more' has no place in the network"),
    ],
)
def test_tensors_that_do_not_fit(path: Path, changes: dict[str, torch.Tensor | None], message: str) -> None:
    save_weights(network(), path)
    rewrite(path, **changes)
    for read in (read_weights, lambda path: load_weights(network(), path)):
        with pytest.raises(UserError, match=message):
            read(path)


def test_damaged_files(path: Path) -> None:
    save_weights(network(), path)
    whole = path.read_bytes()
    rng = Random(0)
    damaged = [b"", b"{}", b"text", rng.randbytes(1000), *(whole[: rng.randrange(len(whole))] for _ in range(20))]
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"weights\.safetensors: a damaged file of weights \("):
            read_weights(path)
    with pytest.raises(UserError, match="there is no such file of weights"):
        read_weights(path.parent / "none.safetensors")
    with pytest.raises(UserError, match="is a folder, and must be a file: name the file of the weights"):
        read_weights(path.parent)


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}, {"format": "zen-lightning", "architecture": TINY}])
def test_files_of_others(path: Path, metadata: dict[str, str] | None) -> None:
    path.parent.mkdir()
    save_file({"weight": torch.zeros(3)}, path, metadata)
    with pytest.raises(UserError, match="not weights of zen-lightning: they do not say what network they are of"):
        read_weights(path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("architecture", "SuperConvK3(", "cannot be read: "),
        ("num_classes", "many", "num_classes is 'many'"),
        ("num_classes", "0", "'0'"),
    ],
)
def test_metadata_that_make_no_network(path: Path, key: str, value: str, message: str) -> None:
    save_weights(network(), path)
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header["__metadata__"][key] = value
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length :])
    with pytest.raises(UserError, match=message):
        read_weights(path)


def test_a_failure_keeps_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = network()
    save_weights(first, path)

    def full(*_arguments: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("zen_lightning.nets.weights.save", full)
    with pytest.raises(UserError, match=r"the weights cannot be written \(.*No space left on device"):
        save_weights(network(), path)
    assert same(read_weights(path)[0], first)
    assert list(path.parent.iterdir()) == [path]


def test_what_is_not_saved(path: Path) -> None:
    with pytest.raises(ValueError, match="vanilla twin"):
        save_weights(build_network(parse_architecture(TINY), 7, vanilla=True), path)
    with pytest.raises(ValueError, match="'architecture'"):
        save_weights(network(), path, extra={"architecture": "x"})
    headless = network()
    headless.classifier.linear = torch.nn.Identity()  # type: ignore[assignment]
    with pytest.raises(ValueError, match="no classifier"):
        save_weights(headless, path)


def test_damage_is_noticed(path: Path) -> None:
    save_weights(network(), path, resolution=48)
    sound = path.read_bytes()
    for at in range(0, len(sound), 41):
        damaged = bytearray(sound)
        damaged[at] ^= 2
        path.write_bytes(damaged)
        with pytest.raises(UserError, match=r"weights\.safetensors"):
            read_weights(path)


def test_weights_of_earlier_releases_are_read(path: Path) -> None:
    trained = network()
    save_weights(trained, path, resolution=48)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    del metadata["sha256"]
    save_file(load_file(path), path, metadata)
    assert same(read_weights(path)[0], trained)


def test_a_full_disk_is_known_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tuning whose trial ends with it stops, and does not count the trial as failed."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UserError, match="the weights cannot be written") as caught:
        save_weights(build_network(parse_architecture("SuperConvK3BNRELU(3,8,2,1)"), 10), tmp_path / "weights.safetensors")
    assert is_full_disk(caught.value)


def test_a_file_that_cannot_be_mapped_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(network(), path)

    def refused(*_: object, **__: object) -> None:
        raise RuntimeError(f"unable to mmap 20000000086 bytes from file <{path}>: Cannot allocate memory (12)")

    monkeypatch.setattr("zen_lightning.nets.weights_file.safe_open", refused)
    for read in (read_weights, read_state_dicts):
        with pytest.raises(UserError, match=r"weights\.safetensors cannot be read \(unable to mmap"):
            read(path)
