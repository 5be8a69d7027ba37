"""The trained network that ``arch=`` and ``weights=`` name."""

from omegaconf import DictConfig

from zen_lightning.api.sources import Setting
from zen_lightning.api.trained import Said, Trained
from zen_lightning.api.trained import read_trained as trained_of
from zen_lightning.runs.command import Command

__all__ = ["Trained", "read_trained"]


def read_trained(config: DictConfig, command: Command, source: str) -> Trained:
    """Return the trained network that ``source`` names; see :func:`zen_lightning.api.trained.read_trained`.

    Args:
        config: the composed configuration; ``weights`` may say where the weights are.
        command: what the command line said: its resolution, classes and SE are asked for.
        source: a name of the zoo, the folder of a training, or a file of weights; with ``weights=`` an architecture.

    Raises:
        UserError: there are no such weights, they are damaged, or they are not what the command line says.
    """
    fallback = Setting(config.resolution, config.num_classes)
    return trained_of(source, config.get("weights"), said_of(config, command), fallback)


def said_of(config: DictConfig, command: Command) -> Said:
    """Return what the command line says of a network: its resolution, classes and SE."""
    named = config.get("weights") is not None and command.sets("budget", "experiment")
    said = {key: config[key] for key in ("resolution", "num_classes") if named or command.sets(key)}
    return Said(**said, use_se=config.get("use_se"))
