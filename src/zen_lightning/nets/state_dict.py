"""State dicts as people save them: bare or in a checkpoint, with prefixes of wrappers, averaged weights beside plain ones."""

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
import torch
from torch import Tensor

from zen_lightning.errors import UserError
from zen_lightning.nets.safe_load import load_safely
from zen_lightning.nets.weights_file import is_safetensors, read_safetensors

_AVERAGED = ("state_dict_ema", "model_ema", "ema_state_dict", "ema", "averaged")
_PLAIN = ("state_dict", "model_state_dict", "model", "network", "net", "weights", "module")
_DEEPEST = 4
_MOST_PARTS = 16
"""Mappings within each other, and items of a list, that are looked through. Choices: more than checkpoints have."""

_INSIDE = ("_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.")
"""What ``torch.compile`` and FSDP put between the names of modules, at any depth."""

_AVERAGED_PREFIXES = ("averaged.", "ema.", "model_ema.", "ema_model.", "module_ema.", "net_ema.")


def read_state_dicts(path: str | PathLike[str]) -> list[dict[str, Tensor]]:
    """Return the state dicts of a file, averaged ones first; nothing in the file is executed.

    Args:
        path: a file of ``torch.save``: a bare state dict, or a dict that holds one under any of the usual names; or one of
            safetensors, whatever it is called.

    Raises:
        UserError: there is no such file, it cannot be read safely, or it holds no weights.
    """
    if is_safetensors(Path(path)):
        content: Any = read_safetensors(Path(path))
    else:
        content = load_safely(path)
    found = list(_states(content))
    if not found:
        raise UserError(f"{path}: not a checkpoint", key="path", expected="a dict with 'state_dict', or a dict of tensors")
    return [{_plain_name(key): value for key, value in state.items()} for state in found]


def pick(states: Iterable[Mapping[str, Tensor]], keys: Iterable[str]) -> dict[str, Tensor] | None:
    """Return the tensors of a network among state dicts, without the prefix that they have there; None where none fits.

    A network may be the whole of a state dict, or a part of it (``network.`` beside a teacher's ``teacher.``); with its prefix
    there must be nothing else. Averaged weights are preferred; then the shortest prefix.

    Args:
        states: state dicts, those preferred first.
        keys: the keys of the network. Counters of batch norms may be missing in old files.

    Example:
        >>> import torch
        >>> state = {"module.net.weight": torch.zeros(1), "module.net.bias": torch.ones(1), "other": torch.ones(2)}
        >>> sorted(pick([state], ["weight", "bias"]))
        ['bias', 'weight']
        >>> pick([state], ["weight", "scale"]) is None
        True
    """
    wanted = list(keys)
    known, needed = set(wanted), [key for key in wanted if not is_counter(key)]
    if not needed:
        return None
    for state in states:
        for prefix in _prefixes(state, needed):
            found = _below(state, prefix)
            if all(key in found for key in needed) and not [key for key in found.keys() - known if not is_counter(key)]:
                return {key: value for key, value in found.items() if key in known}
    return None


def closest(states: Iterable[Mapping[str, Tensor]], keys: Iterable[str]) -> dict[str, Tensor]:
    """Return the state dict that shares most keys with a network, without its prefix, to say what differs."""
    wanted = list(keys)
    best: dict[str, Tensor] = {}
    score = -1
    for state in states:
        for prefix in _prefixes(state, wanted):
            found = _below(state, prefix)
            shared = len(found.keys() & set(wanted))
            if shared > score:
                best, score = found, shared
    return best


def _states(content: Any, depth: int = 0) -> Iterable[dict[str, Tensor]]:
    """Yield the state dicts of a file: averaged weights, then those under usual names, then any others."""
    if isinstance(content, list | tuple) and depth < _DEEPEST:
        for part in content[:_MOST_PARTS]:
            yield from _states(part, depth + 1)
    if not isinstance(content, dict) or depth > _DEEPEST:
        return
    content = {key: _as_tensors(value) for key, value in _as_tensors(content).items()}
    for key in _AVERAGED:
        inner: Any = content.get(key)
        if _is_state(inner):
            yield inner
    if _is_state(content):
        yield content
    for key in _PLAIN:
        inner = content.get(key)
        if _is_state(inner):
            yield inner
        elif isinstance(inner, dict):
            yield from _states(inner, depth + 1)
    if _is_state(content):
        return
    for key, inner in content.items():
        if key not in (*_AVERAGED, *_PLAIN) and isinstance(inner, dict | list | tuple):
            yield from _states(inner, depth + 1)


def _as_tensors(value: Any) -> Any:
    """Return a mapping of arrays of NumPy as one of tensors; anything else as it is."""
    if isinstance(value, dict) and value and all(isinstance(one, np.ndarray | np.generic) for one in value.values()):
        return {key: torch.as_tensor(one) for key, one in value.items()}
    return value


def _is_state(value: Any) -> TypeGuard[dict[str, Tensor]]:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(key, str) and isinstance(one, Tensor) for key, one in value.items())
    )


def _plain_name(key: str) -> str:
    for inside in _INSIDE:
        key = key.replace(inside, "")
    return key


def _prefixes(state: Mapping[str, Tensor], needed: Iterable[str]) -> list[str]:
    """Return what precedes a network's names in a state dict, those of averages first, then the shortest."""
    names = list(needed)
    found = {key[: -len(name)] for name in (*names[:1], *names[-1:]) for key in state if key.endswith(name)}
    whole = [prefix for prefix in found if not prefix or prefix.endswith(".")]
    return sorted({*whole, ""}, key=lambda prefix: (not _is_average(prefix), len(prefix), prefix))


def _below(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}


def _is_average(prefix: str) -> bool:
    return any(f".{prefix}".find(f".{one}") >= 0 for one in _AVERAGED_PREFIXES)


def is_counter(key: str) -> bool:
    """Return whether a key is that of a batch norm's counter of batches, which files by old versions of PyTorch lack."""
    return key.endswith("num_batches_tracked")
