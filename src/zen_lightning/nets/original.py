"""Checkpoints of the original Zen-NAS repository: the mapping of its keys to those of this project."""

from collections.abc import Iterator
from os import PathLike

from torch import Tensor, nn

from zen_lightning.errors import UserError
from zen_lightning.nets.modules import ConvUnit, ResidualUnit, SqueezeExcite
from zen_lightning.nets.network import Network
from zen_lightning.nets.safe_load import load_safely
from zen_lightning.nets.staged import StagedNetwork

_NORM_KEYS = ("weight", "bias", "running_mean", "running_var")


def load_original_checkpoint(network: StagedNetwork, path: str | PathLike[str]) -> None:
    """Load a ``.pth`` file of the original into a network built from the same structure.

    The file is read with ``weights_only=True``: nothing in it is executed.

    Args:
        network: a network with the structure, the classes and the ``use_se`` of the checkpoint.
        path: a file that holds a dict with ``state_dict``, or a bare state dict.

    Raises:
        UserError: the file is not such a checkpoint, or belongs to another network. The original has no networks of cells.
    """
    if not isinstance(network, Network):
        what = f"{path}: checkpoints of the original hold networks of super-blocks, not a {type(network).__name__}"
        raise UserError(what, key="path")
    theirs = _read(path)
    ours: dict[str, Tensor] = {}
    expected = dict(_key_pairs(network))
    missing = [key for key in expected if key not in theirs]
    left = [key for key in theirs if key not in expected and not key.endswith("num_batches_tracked")]
    if missing or left:
        what = f"{missing[0]!r} is missing" if missing else f"{left[0]!r} has no place in the network"
        what = f"{path}: {what} ({len(missing)} missing, {len(left)} left over)"
        raise UserError(what, key="path", remedy="check the structure and use_se")
    state = network.state_dict()
    for key, our_key in expected.items():
        if theirs[key].shape != state[our_key].shape:
            shapes = f"{tuple(theirs[key].shape)}, the network's is {tuple(state[our_key].shape)}"
            remedy = "check the structure and num_classes"
            raise UserError(f"{path}: {key!r} has shape {shapes}", key="path", remedy=remedy)
        ours[our_key] = theirs[key]
    network.load_state_dict({**state, **ours})


def _read(path: str | PathLike[str]) -> dict[str, Tensor]:
    content = load_safely(path)
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in state.items()
    ):
        expected = "a dict with 'state_dict', or a dict of tensors"
        raise UserError(f"{path}: not a checkpoint", key="path", expected=expected)
    return {key.removeprefix("module."): value for key, value in state.items()}


def _key_pairs(network: Network) -> Iterator[tuple[str, str]]:
    """Yield (original key, our key). In the original every conv, norm, relu, SE and unit takes one position."""
    names = {module: name for name, module in network.named_modules()}
    for index, block in enumerate(network.blocks):
        position = 0
        assert isinstance(block, nn.Sequential)
        for unit in block:
            prefix = f"module_list.{index}.module_list"
            if isinstance(unit, ConvUnit):
                yield from _conv_pairs(unit, prefix, position, names)
                position += _positions(unit)
            elif isinstance(unit, ResidualUnit):
                yield from _residual_pairs(unit, f"{prefix}.{position}", names)
                position += 2
    for key in ("weight", "bias"):
        yield f"fc_linear.netblock.{key}", f"{names[network.classifier.linear]}.{key}"


def _residual_pairs(unit: ResidualUnit, prefix: str, names: dict[nn.Module, str]) -> Iterator[tuple[str, str]]:
    position = 0
    for conv in unit.body:
        assert isinstance(conv, ConvUnit)
        yield from _conv_pairs(conv, f"{prefix}.module_list", position, names)
        position += _positions(conv)
    if isinstance(unit.shortcut, ConvUnit):
        yield from _module_pairs(unit.shortcut.conv, f"{prefix}.proj.0", names)
        yield from _module_pairs(unit.shortcut.norm, f"{prefix}.proj.1", names)


def _conv_pairs(unit: ConvUnit, prefix: str, position: int, names: dict[nn.Module, str]) -> Iterator[tuple[str, str]]:
    yield from _module_pairs(unit.conv, f"{prefix}.{position}.netblock", names)
    yield from _module_pairs(unit.norm, f"{prefix}.{position + 1}.netblock", names)
    if isinstance(unit.se, SqueezeExcite):
        inside = f"{prefix}.{position + 3}.netblock"
        parts = {1: unit.se.squeeze, 2: unit.se.squeeze_norm, 4: unit.se.excite, 5: unit.se.excite_norm}
        for number, module in parts.items():
            yield from _module_pairs(module, f"{inside}.{number}", names)


def _module_pairs(module: nn.Module, prefix: str, names: dict[nn.Module, str]) -> Iterator[tuple[str, str]]:
    keys = _NORM_KEYS if isinstance(module, nn.BatchNorm2d) else [key for key, _ in module.named_parameters()]
    for key in keys:
        yield f"{prefix}.{key}", f"{names[module]}.{key}"


def _positions(unit: ConvUnit) -> int:
    return 2 + isinstance(unit.relu, nn.ReLU) + isinstance(unit.se, SqueezeExcite)
