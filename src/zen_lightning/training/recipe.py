"""The hyperparameters of a training."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from zen_lightning.data.epoch_order import SAMPLINGS
from zen_lightning.errors import UserError
from zen_lightning.system.value_checks import check_fields
from zen_lightning.system.value_types import WEIGHTS, BatchSize, Count, CountFrom0, From0, ShareAbove0, ShareBelow1
from zen_lightning.training.class_weights import BALANCED, check_weights

LR_IMAGES = 256
"""Images of the global batch that ``Recipe.lr`` is given for, as in the Zen-NAS recipe (https://arxiv.org/abs/2102.01063)."""

SCHEDULES = ("cosine", "linear", "one_cycle", "stages", "constant")

OPTIMIZERS = ("sgd", "adamw", "lamb", "lion", "muon")
"""Optimisers by name; every other one is named by ``_target_``."""

NO_DECAY = ("bias", "norm")
"""Words of ``no_decay``: the biases, and the parameters of batch norms. The others are patterns of names."""

LOSSES = ("ce", "bce")


@dataclass(frozen=True)
class Recipe:
    """A recipe; the defaults are those of Zen-NAS (https://arxiv.org/abs/2102.01063) on CIFAR.

    Attributes:
        epochs: passes over the training images.
        warmup_epochs: during which the learning rate rises from 0; may be a fraction.
        batch_size: images a step and process.
        accumulate: steps whose gradients are added up before the weights move.
        lr: learning rate for each 256 images of the global batch (all processes, all accumulated steps).
        target_lr: at the end; likewise for each 256 images.
        schedule: ``cosine``, ``linear``, ``one_cycle``, ``stages`` or ``constant``; see
            :class:`~zen_lightning.training.schedule.Schedule`.
        decay: factor at each of ``decay_epochs``, for ``stages``.
        decay_epochs: after which the learning rate is multiplied by ``decay``.
        optimizer: ``sgd``, ``adamw``, ``lamb``, ``lion``, ``muon``; or the class of another one and its arguments:
            ``{"_target_": "torch.optim.NAdam", "momentum_decay": 0.004}``.
        momentum: momentum of ``sgd`` and ``muon``.
        nesterov: whether the momentum is Nesterov's, likewise.
        betas: decays of the running means of ``adamw``, ``lamb``, ``lion``; None: those of the class.
        eps: what is added to their denominator; None: that of the class.
        weight_decay: of convolution and linear weights, and of what ``no_decay`` does not name.
        no_decay: what does not decay: ``bias``, ``norm``, and patterns of parameter names such as ``blocks.0.*``.
        layer_decay: factor of the learning rate from each super-block to the one before it
            (https://arxiv.org/abs/1801.06146, section 3.2); None for one rate.
        backbone_lr: learning rate of all but the classifier, for each 256 images of the global batch; None: ``lr``.
        frozen_stages: how many stages from the first are frozen, a stage being the super-blocks between two changes of the
            resolution; ``all``: everything but the classifier; 0: none.
        frozen_epochs: for how many epochs they are; None: for all.
        frozen_norms: whether the batch norms of what is not the classifier keep their statistics through the whole training.
        bn_momentum: of batch norms, in PyTorch's sense; None leaves what the network has.
        label_smoothing: share of the target that all classes get alike.
        loss: ``ce``: cross entropy; ``bce``: binary cross entropy of each class (https://arxiv.org/abs/2110.00476).
        mixup: alpha of the Beta distribution that images are mixed by; 0 for none.
        cutmix: alpha of the Beta distribution of the area that is pasted from another image
            (https://arxiv.org/abs/1905.04899); 0 for none. With ``mixup`` as well, each step takes one of the two.
        dropout: share of the classifier's inputs that are set to 0.
        drop_path: share of the images for which the last residual unit is left out; earlier ones less, in proportion
            (stochastic depth, https://arxiv.org/abs/1603.09382).
        ema: decay a step of averaged weights, which are then validated and kept instead; None for none.
        clip_norm: largest norm of all gradients together; None for no limit.
        class_weights: how much the images of each class count in the training loss; see
            :func:`~zen_lightning.training.class_weights.class_weights`. None: all alike.
        sampling: ``shuffled``: an epoch shows each image once; ``balanced``: equally many images of each class.
        repeats: how often an epoch shows an image in a row, each time with another augmentation (repeated augmentation,
            https://arxiv.org/abs/1901.09335); an epoch is not longer, so that it shows a part of the images.

    Raises:
        UserError: a number that cannot be used; the message names its key.
    """

    epochs: Count = 1440
    warmup_epochs: From0 = 5
    batch_size: BatchSize = 64
    accumulate: Count = 1
    lr: From0 = 0.1
    target_lr: From0 = 0.0
    schedule: str = "cosine"
    decay: From0 = 0.1
    decay_epochs: tuple[CountFrom0, ...] = ()
    optimizer: str | Mapping[str, Any] = "sgd"
    momentum: ShareBelow1 = 0.9
    nesterov: bool = True
    betas: tuple[ShareBelow1, ...] | None = None
    eps: From0 | None = None
    weight_decay: From0 = 5e-4
    no_decay: tuple[str, ...] = NO_DECAY
    layer_decay: ShareAbove0 | None = None
    backbone_lr: From0 | None = None
    frozen_stages: CountFrom0 | str = 0
    frozen_epochs: CountFrom0 | None = None
    frozen_norms: bool = False
    bn_momentum: ShareBelow1 | None = 0.01
    label_smoothing: ShareBelow1 = 0.1
    loss: str = "ce"
    mixup: From0 = 0.2
    cutmix: From0 = 0.0
    dropout: ShareBelow1 = 0.0
    drop_path: ShareBelow1 = 0.0
    ema: ShareBelow1 | None = None
    clip_norm: From0 | None = None
    class_weights: Annotated[str | Mapping[str, float] | tuple[float, ...], WEIGHTS] | None = None
    sampling: str = "shuffled"
    repeats: Count = 1

    def __post_init__(self) -> None:
        for key in ("decay_epochs", "betas", "no_decay", "class_weights"):  # YAML has lists.
            if isinstance(getattr(self, key), list):
                object.__setattr__(self, key, tuple(getattr(self, key)))
        check_fields(self, ("decay_epochs", "betas", "no_decay", "frozen_stages", "optimizer", "class_weights"))
        if not isinstance(self.decay_epochs, tuple) or not all(isinstance(epoch, int) for epoch in self.decay_epochs):
            raise UserError(key="decay_epochs", value=self.decay_epochs, expected="a list of epochs, such as '[30,60]'")
        for key, choices in (("schedule", SCHEDULES), ("loss", LOSSES), ("sampling", SAMPLINGS)):
            if getattr(self, key) not in choices:
                raise UserError(key=key, value=getattr(self, key), choices=choices)
        check_weights(self.class_weights)
        if self.class_weights == BALANCED and self.sampling == BALANCED:
            what = f"{{class_weights}}={BALANCED} and {{sampling}}={BALANCED} both let all classes count alike"
            raise UserError(what, key="class_weights", remedy="choose one of them", involves=["sampling"])
        check_optimizer(self)
        check_frozen(self)
        if self.warmup_epochs >= self.epochs:
            raise UserError(
                f"nothing is left of {{epochs}}={self.epochs}",
                key="warmup_epochs",
                value=f"{self.warmup_epochs:g}",
                remedy="lower it ({warmup_epochs}=0 for no warm-up)",
                involves=["epochs"],
            )
        if self.optimizer == "sgd" and self.nesterov and self.momentum == 0:
            remedy = "raise {momentum} above 0, or choose {nesterov}=false"
            raise UserError("it needs a momentum", key="nesterov", value="true", remedy=remedy, involves=["momentum"])

    def unfinished(self, images: int) -> float:
        """Return the part of the statistics of batch norms that is still what they began with when a training ends.

        Each step moves them by ``bn_momentum`` towards those of its batch. Networks that were trained before begin with better
        ones; with the 0 and 1 of new ones a large part means a poor validation.

        Args:
            images: training images, for all processes.

        Example:
            >>> round(Recipe(epochs=2, warmup_epochs=0, batch_size=64, bn_momentum=0.01).unfinished(640), 2)
            0.82
        """
        steps = self.epochs * max(1, images // (self.batch_size * self.accumulate))
        return float((1 - (0.1 if self.bn_momentum is None else self.bn_momentum)) ** steps)

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers by name, as JSON and checkpoints hold them."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @property
    def optimizer_name(self) -> str:
        """The name of the optimiser, or its class."""
        return self.optimizer if isinstance(self.optimizer, str) else str(self.optimizer["_target_"])


def check_optimizer(recipe: Recipe) -> None:
    """Raise a UserError unless the optimiser of a recipe is one of those named, or says its class."""
    optimizer = recipe.optimizer
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZERS:
            other = "another one by its class: '{_target_: torch.optim.NAdam}'"
            raise UserError(key="optimizer", value=optimizer, choices=OPTIMIZERS, remedy=other)
    elif not isinstance(optimizer, Mapping) or not isinstance(optimizer.get("_target_"), str):
        expected = f"one of {', '.join(OPTIMIZERS)}, or a class with its arguments: '{{_target_: torch.optim.NAdam}}'"
        raise UserError(key="optimizer", value=optimizer, expected=expected)
    betas, rules = recipe.betas, recipe.no_decay
    if betas is not None and not (isinstance(betas, tuple) and 1 < len(betas) < 4 and all(map(_is_share, betas))):
        raise UserError(key="betas", value=_as_list(betas), expected="numbers from 0 to below 1, such as '[0.9,0.999]'")
    if not isinstance(rules, tuple) or not all(isinstance(rule, str) for rule in rules):
        expected = "a list of 'bias', 'norm' and patterns of parameter names, such as '[bias,norm,blocks.0.*]'"
        raise UserError(key="no_decay", value=_as_list(rules), expected=expected)
    if recipe.layer_decay is not None and not (_is_share(recipe.layer_decay) or recipe.layer_decay == 1):
        raise UserError(key="layer_decay", value=recipe.layer_decay, expected="a factor above 0, at most 1, or {None}")


def _as_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def check_frozen(recipe: Recipe) -> None:
    """Raise a UserError where what is frozen cannot be, whatever the network is."""
    stages = recipe.frozen_stages
    if stages != "all" and (not isinstance(stages, int) or isinstance(stages, bool) or stages < 0):
        raise UserError(key="frozen_stages", value=stages, expected="a number of stages, 0 or more, or all")
    if recipe.frozen_epochs is not None and stages == 0 and recipe.frozen_epochs > 0:
        remedy = "say how many stages are, by {frozen_stages}=N or {frozen_stages}=all"
        raise UserError(
            "nothing is frozen", key="frozen_epochs", value=recipe.frozen_epochs, remedy=remedy, involves=["frozen_stages"]
        )


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1
