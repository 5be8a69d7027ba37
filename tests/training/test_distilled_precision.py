"""Teacher and student in the number format and the memory format of the training."""

from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from training.distillation_parts import (
    Watched,
    distiller,
    fit,
)

pytestmark = pytest.mark.filterwarnings("ignore:You defined a `validation_step`", "ignore:.*LeafSpec")


@pytest.mark.parametrize("precision", ["bf16-mixed", "bf16-true", "64-true"])
def test_number_formats(precision: Any) -> None:
    module = distiller(Watched(mean=(0.5,) * 3, std=(0.5,) * 3), image_mean=(0.2,) * 3, image_std=(0.4,) * 3)
    assert torch.isfinite(fit(module, precision=precision).callback_metrics["train_loss"])


def test_channels_last_where_the_student_is() -> None:
    module = distiller()
    module.to(memory_format=torch.channels_last)
    weights: list[Tensor] = []

    class Look(pl.Callback):
        def on_train_start(self, *_: Any) -> None:
            weights.extend(parameter for parameter in module.running_teacher.parameters() if parameter.dim() == 4)

    fit(module, limit_train_batches=1, callbacks=[Look()])
    assert weights
    assert all(weight.is_contiguous(memory_format=torch.channels_last) for weight in weights)


@pytest.mark.parametrize(("precision", "dtype"), [("32-true", torch.float32), ("bf16-mixed", torch.bfloat16)])
def test_the_teacher_runs_in_the_format_of_the_training(precision: Any, dtype: torch.dtype) -> None:
    module = distiller()
    before = {key: value.clone() for key, value in module.teacher.state_dict().items()}
    images, kept = torch.randn(4, 3, 16, 16), []

    class Look(pl.Callback):
        def on_train_start(self, trainer: pl.Trainer, *_: Any) -> None:
            running = module.running_teacher
            formats = {part.weight.dtype for part in running.modules() if type(part) is nn.Conv2d}
            assert formats == {dtype}
            assert {part.weight.dtype for part in running.modules() if isinstance(part, nn.BatchNorm2d)} == {torch.float32}
            with trainer.precision_plugin.forward_context():
                kept.extend((running.features(images, 2)[1], module.teacher.features(images, 2)[1]))

    fit(module, limit_train_batches=1, callbacks=[Look()], precision=precision)
    assert torch.equal(*kept)  # The same as autocast gives with weights in float32.
    for key, value in module.teacher.state_dict().items():
        assert torch.equal(value, before[key]), key
