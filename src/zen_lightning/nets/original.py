"""Checkpoints of the original Zen-NAS repository: the mapping of its keys to those of this project."""

from collections.abc import Iterator, Mapping
from os import PathLike

from torch import Tensor, nn

from zen_lightning.errors import UserError
from zen_lightning.nets.modules import ConvUnit, ResidualUnit, SqueezeExcite
from zen_lightning.nets.network import Network
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.nets.state_dict import closest, is_counter, pick, read_state_dicts
from zen_lightning.system.checked import checked

_NORM_KEYS = ("weight", "bias", "running_mean", "running_var")


@checked
def load_original_checkpoint(network: StagedNetwork, path: str | PathLike[str]) -> None:
    """Load a ``.pth`` file of the original, or any other state dict of the network, into a network of the same structure.

    The file is read with ``weights_only=True``: nothing in it is executed.

    Args:
        network: a network with the structure, the classes and the ``use_se`` of the checkpoint.
        path: a file that holds a dict with ``state_dict``, or a bare state dict, by the names of the original or by those of
            ``network.state_dict()``, with any prefix; see :mod:`zen_lightning.nets.state_dict`.

    Raises:
        UserError: the file is not such a checkpoint, or belongs to another network. The original has no networks of cells.
    """
    states, ours = read_state_dicts(path), network.state_dict()
    found = pick(states, ours)
    if found is None:
        own = closest(states, ours)
        if len(own.keys() & ours.keys()) > len(ours) // 2:  # Its own names, and yet another network.
            raise _difference(path, list(ours), own)
        found = _by_original_names(network, states, path)
    for key, value in found.items():
        if value.shape != ours[key].shape:
            shapes = f"{tuple(value.shape)}, the network's is {tuple(ours[key].shape)}"
            name = _original_name(network, key) if key not in closest(states, ours) else key
            remedy = "check the structure and num_classes"
            raise UserError(f"{path}: {name!r} has shape {shapes}", key="path", remedy=remedy)
    network.load_state_dict({**ours, **found})


def _by_original_names(network: StagedNetwork, states: list[dict[str, Tensor]], path: str | PathLike[str]) -> dict[str, Tensor]:
    """Return the tensors by our names from state dicts by the original's."""
    if not isinstance(network, Network):
        what = f"{path}: checkpoints of the original hold networks of super-blocks, not a {type(network).__name__}"
        raise UserError(what, key="path")
    expected = dict(_key_pairs(network))
    theirs = pick(states, expected)
    if theirs is None:
        raise _difference(path, list(expected), closest(states, expected))
    return {expected[key]: value for key, value in theirs.items()}


def _original_name(network: StagedNetwork, key: str) -> str:
    pairs = _key_pairs(network) if isinstance(network, Network) else ()
    return next((theirs for theirs, ours in pairs if ours == key), key)


def _difference(path: str | PathLike[str], expected: list[str], theirs: Mapping[str, Tensor]) -> UserError:
    missing = [key for key in expected if key not in theirs and not is_counter(key)]
    left = [key for key in theirs if key not in expected and not is_counter(key)]
    what = f"{missing[0]!r} is missing" if missing else f"{left[0]!r} has no place in the network"
    what = f"{path}: {what} ({len(missing)} missing, {len(left)} left over)"
    return UserError(what, key="path", remedy="check the structure and use_se")


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
