"""Of which class the object of a node of the configuration must be."""

from hydra.utils import get_object

_KINDS = {
    "task": "zen_lightning.tasks.base.Task",
    "search_space": "zen_lightning.space.base.SearchSpace",
    "proxy": "zen_lightning.proxy.base.Proxy",
    "search.rerank": "zen_lightning.proxy.base.Proxy",
    "budget.own": "zen_lightning.budget.Limit",
    "dataset": "zen_lightning.data.source.DataSource",
    "recipe.optimizer": "torch.optim.Optimizer",
    "recipe": "zen_lightning.training.recipe.Recipe",
    "teacher": "zen_lightning.training.teachers.Teacher",
    "logger": "zen_lightning.tracking.Tracker",
    "launcher": "zen_lightning.launch.backend.Backend",
}
"""By name: some of these rooms import torch, and some are above this one."""


def kind_of(key: str) -> type:
    """Return the class that what a node describes must be derived from.

    Args:
        key: of the node, or of the mapping that it is in.

    Example:
        >>> kind_of("search.rerank").__name__, kind_of("budget.own.weights_mb").__name__, kind_of("else").__name__
        ('Proxy', 'Limit', 'object')
    """
    while key and key not in _KINDS:
        key = key.rpartition(".")[0]
    found = get_object(_KINDS[key]) if key else object
    assert isinstance(found, type)
    return found
