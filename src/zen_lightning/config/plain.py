"""Values of the configuration as plain Python."""

from typing import Any

from omegaconf import OmegaConf


def plain(value: Any, resolve: bool = True) -> Any:
    """Return a value of the configuration with lists and dicts in place of OmegaConf's; another value as it is.

    Args:
        value: the value.
        resolve: whether what refers to other keys is replaced by their values.
    """
    return OmegaConf.to_container(value, resolve=resolve) if OmegaConf.is_config(value) else value
