"""Parts of a network that do not move: stages in the first epochs, batch norms' statistics."""

from torch import nn

from zen_lightning.errors import UserError
from zen_lightning.nets.layers import NORMS
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.training.recipe import Recipe

_RESOLUTION = 1024
"""At which stages are told apart: large enough that every stride changes the resolution."""


class Freezing:
    """Freezes what a recipe says, epoch by epoch; an epoch that is taken again after a kill has the same parts frozen.

    Where there is one process, frozen parameters need no gradient, which saves time; several compute it, as DDP expects, and
    drop it before the step. Either way the optimiser leaves them alone: no decay, no momentum.

    Args:
        network: the network in training.
        recipe: ``frozen_stages``, ``frozen_epochs``, ``frozen_norms``.

    Raises:
        UserError: the network has fewer stages.
    """

    def __init__(self, network: StagedNetwork, recipe: Recipe) -> None:
        self._parts = frozen_parts(network, recipe.frozen_stages)
        self._epochs = recipe.frozen_epochs
        self._backbone = [module for name, module in network.named_children() if name != "classifier"]
        self._norms = recipe.frozen_norms
        self._frozen = False
        self._epoch = -1

    def apply(self, epoch: int, alone: bool) -> None:
        """Freeze or free parts for an epoch; called before each of its steps, of which the first counts.

        Args:
            epoch: its number, from 0.
            alone: whether this is the only process.
        """
        if epoch == self._epoch or not (self._parts or self._norms):
            return
        self._epoch = epoch
        self._frozen = bool(self._parts) and (self._epochs is None or epoch < self._epochs)
        for part in self._parts:
            part.requires_grad_(not (self._frozen and alone))
            _set_norms(part, training=not self._frozen)
        if self._norms:
            for part in self._backbone:
                _set_norms(part, training=False)

    def drop_gradients(self) -> None:
        """Drop the gradients of what is frozen, which several processes have computed."""
        if self._frozen:
            for part in self._parts:
                for parameter in part.parameters():
                    parameter.grad = None


def frozen_parts(network: StagedNetwork, stages: int | str) -> list[nn.Module]:
    """Return the super-blocks of the first stages of a network; of ``all``, everything but the classifier.

    Raises:
        UserError: it has fewer stages.
    """
    if stages == "all":
        return [module for name, module in network.named_children() if name != "classifier"]
    if not stages:
        return []
    numbers = stages_of_blocks(network)
    if int(stages) > max(numbers):
        what = f"the network has {max(numbers)} stages"
        raise UserError(what, key="frozen_stages", value=stages, expected=f"{max(numbers)} or fewer, or all")
    return [block for block, number in zip(network.blocks, numbers, strict=True) if number <= int(stages)]


def stages_of_blocks(network: StagedNetwork) -> list[int]:
    """Return the stage of each super-block, counted from 1, as ``task=analyze`` lists them."""
    rows = network.architecture.summary(_RESOLUTION)[:-1]
    if len(rows) != len(network.blocks):  # A language whose table has other parts than its network.
        return list(range(1, len(network.blocks) + 1))
    return [row.stage for row in rows]


def _set_norms(part: nn.Module, training: bool) -> None:
    for module in part.modules():
        if isinstance(module, NORMS):
            module.train(training)
