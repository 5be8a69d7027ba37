"""Weights of trained networks in ``.safetensors`` files and checkpoints, which name their network and hold no code."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, NoReturn

import torch
from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor, nn

from zen_lightning.arch import Architecture, ArchitectureError, BaseArchitecture
from zen_lightning.errors import UserError
from zen_lightning.nets.build import build_network
from zen_lightning.nets.named_architecture import architecture_of
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.nets.weights_file import is_safetensors, opened_safetensors
from zen_lightning.system.checksums import FIELD, changed, content_digest, is_there
from zen_lightning.system.failing_disk import said_of
from zen_lightning.system.files import atomic_path
from zen_lightning.system.versions import VERSION

METADATA = "zen_lightning"
"""Key of a checkpoint under which it has what the metadata of a ``.safetensors`` file say."""

_FORMAT = "zen-lightning"
_SE_TEXT = {True: "true", False: "false"}


def save_weights(
    network: StagedNetwork,
    path: str | PathLike[str],
    resolution: int | None = None,
    extra: Mapping[str, str] | None = None,
    state: Mapping[str, Tensor] | None = None,
) -> None:
    """Write the weights and buffers of a network to a ``.safetensors`` file, atomically.

    The metadata of the file are ``format``, ``architecture`` (its text), ``num_classes``, ``use_se``, ``resolution`` if known,
    the ``version`` of this project, and ``sha256``, by which damage is noticed as the file is read, each as text.

    Args:
        network: the network, not its vanilla twin.
        path: path of the file; its folder is created.
        resolution: height and width of the images that it was trained on.
        extra: more metadata, under other keys.
        state: tensors to write instead of the network's own ``state_dict()``, such as an earlier copy of it.

    Raises:
        UserError: the file cannot be written; one that was there stays as it was.
    """
    metadata = network_metadata(network, resolution, extra)
    tensors = {key: value.detach().cpu().contiguous() for key, value in (state or network.state_dict()).items()}
    metadata[FIELD] = _digest(metadata, tensors)
    try:
        with atomic_path(Path(path)) as temporary:
            temporary.write_bytes(save(tensors, metadata))  # Its own writing does not say by an errno that the disk is full.
    except (OSError, SafetensorError) as error:
        raise UserError(f"{path}: the weights cannot be written ({said_of(error)})", key="path") from error


def network_metadata(
    network: StagedNetwork, resolution: int | None = None, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the metadata of :func:`save_weights`, from which its network can be built.

    Args:
        network: the network, not its vanilla twin.
        resolution: height and width of the images that it was trained on.
        extra: more metadata, under other keys.
    """
    if getattr(network, "vanilla", False):
        raise ValueError("the vanilla twin exists only to be scored: its weights are not saved")
    metadata = {"format": _FORMAT, **_description(network), "version": VERSION}
    if resolution is not None:
        metadata["resolution"] = str(resolution)
    if taken := sorted({*metadata, FIELD} & (extra or {}).keys()):
        raise ValueError(f"extra[{taken[0]!r}] has a meaning of its own in files of weights")
    return {**metadata, **(extra or {})}


def load_weights(network: StagedNetwork, path: str | PathLike[str]) -> dict[str, str]:
    """Load the weights of a file into a network of the same architecture.

    Args:
        network: the network.
        path: a file by :func:`save_weights`; or any state dict of such a network: a checkpoint of a training, what
            ``torch.save(network.state_dict(), path)`` wrote, also with prefixes such as ``module.``, averaged weights
            preferred; or a checkpoint of the original.

    Returns:
        the metadata of the file; empty where it has none.

    Raises:
        UserError: the file is damaged or of another network. The error names the first difference, and the network is
            unchanged.
    """
    if not is_safetensors(Path(path)) or (Path(path).is_file() and not names_network(path)):
        from zen_lightning.nets.original import load_original_checkpoint

        load_original_checkpoint(network, path)
        return {}
    with _opened(path) as (file, metadata):
        _compare(path, metadata, network)
        _load(path, file, network)
    return metadata


def read_weights(path: str | PathLike[str]) -> tuple[StagedNetwork, dict[str, str]]:
    """Return the network of a file that says what network it is of, in eval mode, ready to classify; and the metadata.

    Args:
        path: a file by :func:`save_weights`, or a checkpoint of a training (``checkpoints/best.ckpt``). Trainings also leave
            ``mean``, ``std``, ``classes``, ``crop_size`` and so on in the metadata; ``zl.load`` makes use of them.

    Raises:
        UserError: the file is damaged, or does not say what network it is of.

    Example:
        >>> import tempfile
        >>> trained = build_network(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)"), num_classes=10)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_weights(trained, f"{folder}/weights.safetensors", resolution=32)
        ...     network, metadata = read_weights(f"{folder}/weights.safetensors")
        >>> network.training, metadata["num_classes"], metadata["resolution"]
        (False, '10', '32')
    """
    if not is_safetensors(Path(path)) and Path(path).is_file():
        from zen_lightning.nets.original import load_original_checkpoint

        metadata = checkpoint_metadata(path)
        if not _is_complete(metadata):
            raise UserError(f"{path}: a checkpoint that does not say what network it is of", key="path")
        network = _built(path, metadata)
        load_original_checkpoint(network, path)
        return network.eval(), metadata
    with _opened(path) as (file, metadata):
        network = _built(path, metadata)
        _load(path, file, network)
    return network.eval(), metadata


def checkpoint_metadata(path: str | PathLike[str]) -> dict[str, str]:
    """Return what a checkpoint of a training says of its network; nothing for checkpoints of others, and of older versions.

    Raises:
        UserError: it cannot be read safely.
    """
    from zen_lightning.nets.safe_load import load_safely

    content = load_safely(path)
    found = content.get(METADATA) if isinstance(content, dict) else None
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _built(path: str | PathLike[str], metadata: dict[str, str]) -> StagedNetwork:
    """Return the network that metadata name, without weights."""
    try:
        architecture = architecture_of(metadata["architecture"])
        num_classes = int(metadata["num_classes"])
    except ArchitectureError as error:
        raise UserError(f"{path}: holds an architecture that cannot be read: {error}", key="path") from error
    except ValueError:
        num_classes = 0
    if num_classes < 1:
        what = f"{path}: num_classes is {metadata['num_classes']!r} there"
        raise UserError(what, key="path", expected="1 or more")
    try:
        return build_network(architecture, num_classes, metadata["use_se"] == "true", initialise=False)
    except UserError as error:
        raise UserError(f"{path}: {error}", key="path") from error


def _is_complete(metadata: Mapping[str, str]) -> bool:
    return metadata.get("format") == _FORMAT and all(key in metadata for key in ("architecture", "num_classes", "use_se"))


def names_network(path: str | PathLike[str]) -> bool:
    """Whether a ``.safetensors`` file says what network it is of; damaged ones are left to who reads them."""
    try:
        with opened_safetensors(Path(path)) as file:
            metadata = file.metadata() or {}
            return _is_complete(metadata) or is_there(metadata)
    except UserError:
        return True


def _description(network: StagedNetwork) -> dict[str, str]:
    linear = network.classifier.linear
    if not isinstance(linear, nn.Linear):
        raise ValueError("the network has no classifier: its weights cannot be told from those of others")
    use_se = _SE_TEXT[bool(getattr(network, "use_se", False))]
    return {"architecture": str(network.architecture), "num_classes": str(linear.out_features), "use_se": use_se}


@contextmanager
def _opened(path: str | PathLike[str]) -> Iterator[tuple[Any, dict[str, str]]]:
    with opened_safetensors(Path(path)) as file:
        metadata = file.metadata() or {}
        if not _is_complete(metadata):
            what = f"{path}: not weights of {_FORMAT}: they do not say what network they are of"
            raise UserError(what, key="path")
        yield file, metadata


def _compare(path: str | PathLike[str], theirs: dict[str, str], network: StagedNetwork) -> None:
    ours = _description(network)
    if theirs["architecture"] != ours["architecture"]:
        refuse_another(path, theirs["architecture"], network.architecture)
    for key in ("num_classes", "use_se"):
        if theirs[key] != ours[key]:
            _refuse(path, f"{key} is {theirs[key]} there, {ours[key]} here")


def refuse_another(path: str | PathLike[str], theirs: str, ours: BaseArchitecture) -> NoReturn:
    """Raise a UserError that names the first difference between the architecture of a file and another."""
    _refuse(path, _first_difference(theirs, ours))


def _first_difference(theirs: str, ours: BaseArchitecture) -> str:
    try:
        parsed = architecture_of(theirs)
    except ArchitectureError:
        parsed = None
    if type(parsed) is not Architecture or type(ours) is not Architecture:
        return f"the architecture is {theirs} there, {ours} here"
    for number, (their_block, our_block) in enumerate(zip(parsed.blocks, ours.blocks, strict=False), start=1):
        if str(their_block) != str(our_block):
            return f"block {number} is {their_block} there, {our_block} here"
    return f"the architecture has {len(parsed.blocks)} blocks there, {len(ours.blocks)} here"


def _load(path: str | PathLike[str], file: Any, network: StagedNetwork) -> None:
    state = network.state_dict()
    keys = set(file.keys())
    for key, value in state.items():
        if key not in keys:
            _refuse(path, f"{key!r} is missing there")
        shape = tuple(file.get_slice(key).get_shape())
        if shape != tuple(value.shape):
            _refuse(path, f"{key!r} has shape {shape} there, {tuple(value.shape)} here")
    if left := sorted(keys - state.keys()):
        _refuse(path, f"{left[0]!r} has no place in the network")
    tensors = {key: file.get_tensor(key) for key in state}
    metadata = file.metadata()
    if is_there(metadata) and metadata.get(FIELD) != _digest(metadata, tensors):
        raise changed(Path(path), "restore it from a copy, or train again")
    network.load_state_dict(tensors)


def _digest(metadata: Mapping[str, str], tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of the metadata but for this, and of all tensors with their names, types and shapes."""
    described = sorted((key, str(value.dtype), list(value.shape)) for key, value in tensors.items())
    digest = hashlib.sha256(content_digest([{**metadata, FIELD: ""}, described]).encode())
    for key, _, _ in described:
        digest.update(tensors[key].reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _refuse(path: str | PathLike[str], difference: str) -> NoReturn:
    raise UserError(f"{path}: the weights are of another network: {difference}", key="path")
