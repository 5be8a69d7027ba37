"""Distillation: what is learned from the teacher, and that nothing of it changes."""

from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.nets.weights import read_weights, save_weights
from zen_lightning.system.value_ranges import as_yaml
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.distillation_losses import feature_loss, logit_loss
from zen_lightning.training.distiller import Distiller
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.targets import soft_cross_entropy
from zen_lightning.training.teachers import StagedTeacher, Teacher
from zen_lightning.training.trainer import quiet

STUDENT = "SuperConvK3BNRELU(3,4,2,1)SuperResK1K3K1(4,6,2,5,1)SuperResK1K3K1(6,6,1,5,1)SuperConvK1BNRELU(6,8,1,1)"
TEACHER = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,10,2,8,1)SuperConvK1BNRELU(10,16,1,1)"
RECIPE = Recipe(epochs=2, warmup_epochs=0, batch_size=4, bn_momentum=0.1)
HOW: dict[str, Any] = {"first_ratio": 2}
pytestmark = pytest.mark.filterwarnings("ignore:You defined a `validation_step`", "ignore:.*LeafSpec")


class Watched(StagedTeacher):
    """Keeps the images that it is given."""

    def __init__(self, **options: Any) -> None:
        torch.manual_seed(1)
        network = build_network(Architecture.parse(TEACHER), options.pop("num_classes", 5))
        super().__init__(network, options.pop("image_size", 16), **options)
        self.seen: list[Tensor] = []

    def features(self, images: Tensor, first_ratio: int | None) -> tuple[list[Tensor], Tensor]:
        self.seen.append(images.clone())
        return super().features(images, first_ratio)


def _student() -> StagedNetwork:
    torch.manual_seed(0)
    return build_network(Architecture.parse(STUDENT), num_classes=5)


def _distiller(teacher: Teacher | None = None, **options: Any) -> Distiller:
    how = Distillation(**HOW | options.pop("how", {}))
    recipe = options.pop("recipe", RECIPE)
    return Distiller(_student(), recipe, 8, teacher or Watched(), input_size=8, distillation=how, **options)


def _batch(size: int = 16) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(2)
    images = torch.randn(4, 3, size, size, generator=generator)
    return images, torch.rand(4, 5, generator=generator).softmax(dim=1)


def _fit(module: Distiller, size: int = 16, **options: Any) -> pl.Trainer:
    data = TensorDataset(torch.randn(8, 3, size, size), torch.arange(8) % 5)
    quiet()
    trainer = pl.Trainer(
        accelerator="cpu",
        max_epochs=1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        **options,
    )
    trainer.fit(module, DataLoader(data, batch_size=4))
    return trainer


def _state(module: nn.Module) -> dict[str, Tensor]:
    return {key: value.clone() for key, value in module.state_dict().items()}


def _changed(module: nn.Module, before: dict[str, Tensor]) -> set[str]:
    return {key for key, value in module.state_dict().items() if not torch.equal(value, before[key])}


def test_gradients_reach_student_and_projections_only() -> None:
    module = _distiller()
    module.batch_loss(*_batch()).backward()
    assert {name.split(".")[0] for name, _ in module.named_parameters()} == {"network", "projections"}
    assert all(parameter.grad is not None for parameter in module.parameters())
    for projection in module.projections:
        assert all(bool(parameter.grad.any()) for parameter in projection.parameters())
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in module.teacher.parameters())
    optimised = {id(p) for group in module.configure_optimizers().param_groups for p in group["params"]}
    assert optimised == {id(parameter) for parameter in module.parameters()}


def test_features_and_logits_alone_reach_the_student() -> None:
    module = _distiller()
    for name in ("loss_features", "loss_logits"):
        module.zero_grad()
        module.loss_parts(*_batch())[name].backward()
        stem = next(module.network.parameters())
        assert stem.grad is not None
        assert stem.grad.any()


def test_the_loss_is_what_the_specification_says() -> None:
    module = _distiller(how={"feature_weight": 0.5, "logit_weight": 3.0, "clamp": 0.7})
    images, targets = _batch()
    small = functional.interpolate(images, size=(8, 8), mode="bilinear", align_corners=False)
    with torch.no_grad():
        loss = module.batch_loss(images, targets)
        ours, logits = module.network.stage_features(small, 2)
        theirs, opinion = module.teacher.features(images, 2)
        features = sum(feature_loss(*stage, 0.7) for stage in zip(ours, theirs, module.projections, strict=True))
        expected = soft_cross_entropy(logits, targets) + 0.5 * features + 3 * logit_loss(logits, opinion)
    assert len(theirs) == 2
    assert features > 0
    assert loss.item() == pytest.approx(expected.item(), abs=1e-6)


def test_the_loss_equals_its_logged_parts() -> None:
    module = _distiller(how={"feature_weight": 0.5, "logit_weight": 3.0})
    metrics = _fit(module, limit_train_batches=1).callback_metrics
    total = metrics["loss_ce"] + 0.5 * metrics["loss_features"] + 3 * metrics["loss_logits"]
    assert metrics["train_loss"].item() == pytest.approx(total.item(), abs=1e-5)


def test_weights_of_zero_leave_parts_out() -> None:
    module = _distiller(how={"feature_weight": 0})
    assert set(module.loss_parts(*_batch())) == {"loss_ce", "loss_logits"}
    assert len(module.projections) == 0
    assert set(_distiller(how={"logit_weight": 0}).loss_parts(*_batch())) == {"loss_ce", "loss_features"}
    teacher = Watched()
    plain = _distiller(teacher, how={"feature_weight": 0, "logit_weight": 0})
    images, targets = _batch(8)
    assert torch.equal(plain.batch_loss(images, targets), soft_cross_entropy(plain.network(images), targets))
    assert teacher.seen == []


def test_teacher_and_student_see_the_same_images() -> None:
    teacher = Watched(image_size=12)
    module = _distiller(teacher)
    given: list[Tensor] = []
    module.network.blocks[0].register_forward_pre_hook(lambda _, inputs: given.append(inputs[0].clone()))
    teacher.seen.clear()
    images, targets = _batch()
    module.batch_loss(images, targets)
    assert len(given) == len(teacher.seen) == 1
    for seen, size in ((given[0], 8), (teacher.seen[0], 12)):
        assert torch.equal(seen, functional.interpolate(images, size=(size, size), mode="bilinear", align_corners=False))


def test_the_teacher_sees_mixed_images() -> None:
    teacher = Watched(image_size=8)
    teacher_images: list[Tensor] = []
    module = _distiller(teacher, recipe=Recipe(epochs=2, warmup_epochs=0, batch_size=4, bn_momentum=0.1, mixup=1.0))
    given: list[Tensor] = []
    module.network.blocks[0].register_forward_pre_hook(lambda _, inputs: given.append(inputs[0].clone()))
    plain: list[Tensor] = []
    original = module.training_step

    def step(batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        plain.append(batch[0].clone())
        loss = original(batch, batch_idx)
        running = module.running_teacher
        assert isinstance(running, Watched)
        teacher_images.append(running.seen[-1])
        return loss

    module.training_step = step  # type: ignore[method-assign]
    _fit(module, size=8, limit_train_batches=1)
    assert torch.equal(given[0], teacher_images[0])
    assert not torch.equal(plain[0], teacher_images[0])


def test_images_are_normalised_as_the_teacher_needs_them() -> None:
    teacher = Watched(mean=(0.5, 0.4, 0.3), std=(0.1, 0.2, 0.3))
    module = _distiller(teacher, image_mean=(0.2, 0.3, 0.4), image_std=(0.4, 0.5, 0.6))
    teacher.seen.clear()
    images, targets = _batch()
    module.batch_loss(images, targets)
    rows = [(0.2, 0.4, 0.5, 0.1), (0.3, 0.5, 0.4, 0.2), (0.4, 0.6, 0.3, 0.3)]
    for channel, (mean, std, new_mean, new_std) in enumerate(rows):
        expected = (images[:, channel] * std + mean - new_mean) / new_std
        assert torch.allclose(teacher.seen[0][:, channel], expected, atol=1e-5)


@pytest.mark.parametrize("own", [None, (0.5, 0.4, 0.3)])
def test_images_stay_where_the_normalisation_is_the_same(own: tuple[float, ...] | None) -> None:
    teacher = Watched(mean=own, std=own)
    module = _distiller(teacher, image_mean=(0.5, 0.4, 0.3), image_std=(0.5, 0.4, 0.3))
    teacher.seen.clear()
    images, targets = _batch()
    module.batch_loss(images, targets)
    assert torch.equal(teacher.seen[0], images)


def test_training_changes_the_student_and_nothing_of_the_teacher() -> None:
    module = _distiller()
    student, teacher = _state(module), _state(module.teacher)
    _fit(module)
    assert _changed(module.teacher, teacher) == set()
    assert not any(part.training for part in module.teacher.modules())
    changed = _changed(module, student)
    assert {name for name, _ in module.named_parameters() if name.endswith("weight")} <= changed
    norm = next(key for key in student if key.endswith("running_mean"))
    assert norm in changed
    assert module.network.state_dict()[norm.replace("running_mean", "num_batches_tracked").removeprefix("network.")] == 2


def test_the_teacher_is_in_no_state_and_no_checkpoint(tmp_path: Any) -> None:
    module = _distiller()
    keys = set(module.network.state_dict())
    trainer = _fit(module)
    trainer.save_checkpoint(tmp_path / "last.ckpt")
    saved = torch.load(tmp_path / "last.ckpt", weights_only=True)["state_dict"]
    projections = {f"projections.{stage}.conv.{name}" for stage in range(2) for name in ("weight", "bias")}
    assert {key for key in saved if not key.startswith("network.")} == projections
    assert {key.removeprefix("network.") for key in saved if key.startswith("network.")} == keys
    assert "teacher" not in dict(module.named_modules())
    assert isinstance(module.final_network, StagedNetwork)
    save_weights(module.final_network, tmp_path / "weights.safetensors")
    assert set(read_weights(tmp_path / "weights.safetensors")[0].state_dict()) == keys


def test_construction_leaves_the_networks_as_they_were() -> None:
    network, teacher = _student(), Watched()
    network.blocks[1].eval()
    before, theirs, state = _state(network), _state(teacher), torch.get_rng_state()
    Distiller(network, RECIPE, 8, teacher, input_size=8, distillation=Distillation(**HOW | {"feature_weight": 0}))
    assert torch.equal(state, torch.get_rng_state())
    Distiller(network, RECIPE, 8, teacher, input_size=8, distillation=Distillation(**HOW))
    assert _changed(network, before) == _changed(teacher, theirs) == set()
    assert network.blocks[0].training
    assert not network.blocks[1].training


def test_the_seed_draws_the_projections() -> None:
    first, same, other = (_distiller(seed=seed).projections[0].conv.weight for seed in (3, 3, 4))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_projections_with_norm_and_relu() -> None:
    module = _distiller(how={"projection_norm": True, "projection_relu": True})
    assert isinstance(module.projections[0].norm, nn.BatchNorm2d)
    assert isinstance(module.projections[0].relu, nn.ReLU)
    assert torch.isfinite(module.batch_loss(*_batch()))


@pytest.mark.parametrize(
    ("ratio", "message"),
    [
        (2, r"the teacher has 1 \(at 1/2 of its image size\), the student 2 \(at 1/2, 1/4 of its image size\)"),
        (16, r"the teacher has none \(at 1/16 of its image size\), the student none \(at 1/16 of its image size\)"),
    ],
)
def test_another_number_of_stages(ratio: int, message: str) -> None:
    teacher = StagedTeacher(build_network(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)"), 5), 16)
    with pytest.raises(UserError, match=rf"{message}.*or set feature_weight=0$"):
        _distiller(teacher, how={"first_ratio": ratio})
    assert len(_distiller(teacher, how={"first_ratio": ratio, "feature_weight": 0}).projections) == 0


def test_other_classes() -> None:
    with pytest.raises(UserError, match=r"the teacher has 9 classes, the student 5: .* or logit_weight=0"):
        _distiller(Watched(num_classes=9))
    module = _distiller(Watched(num_classes=9), how={"logit_weight": 0})
    assert torch.isfinite(module.batch_loss(*_batch()))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("feature_weight", -1),
        ("logit_weight", "much"),
        ("first_ratio", 0),
        ("first_ratio", 1.5),
        ("clamp", 0),
        ("clamp", "x"),
        ("feature_weight", True),
    ],
)
def test_bad_numbers(key: str, value: Any) -> None:
    with pytest.raises(UserError, match=rf"^{key}={as_yaml(value)}: expected"):
        Distillation(**{key: value})


def test_the_defaults_are_those_of_the_paper() -> None:
    assert Distillation().as_dict() == {
        "feature_weight": 1.0,
        "logit_weight": 1.0,
        "first_ratio": 16,
        "clamp": None,
        "projection_norm": False,
        "projection_relu": False,
    }


@pytest.mark.parametrize("precision", ["bf16-mixed", "bf16-true", "64-true"])
def test_number_formats(precision: Any) -> None:
    module = _distiller(Watched(mean=(0.5,) * 3, std=(0.5,) * 3), image_mean=(0.2,) * 3, image_std=(0.4,) * 3)
    assert torch.isfinite(_fit(module, precision=precision).callback_metrics["train_loss"])


def test_channels_last_where_the_student_is() -> None:
    module = _distiller()
    module.to(memory_format=torch.channels_last)
    weights: list[Tensor] = []

    class Look(pl.Callback):
        def on_train_start(self, *_: Any) -> None:
            weights.extend(parameter for parameter in module.running_teacher.parameters() if parameter.dim() == 4)

    _fit(module, limit_train_batches=1, callbacks=[Look()])
    assert weights
    assert all(weight.is_contiguous(memory_format=torch.channels_last) for weight in weights)


@pytest.mark.parametrize(("precision", "dtype"), [("32-true", torch.float32), ("bf16-mixed", torch.bfloat16)])
def test_the_teacher_runs_in_the_format_of_the_training(precision: Any, dtype: torch.dtype) -> None:
    module = _distiller()
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

    _fit(module, limit_train_batches=1, callbacks=[Look()], precision=precision)
    assert torch.equal(*kept)  # The same as autocast gives with weights in float32.
    for key, value in module.teacher.state_dict().items():
        assert torch.equal(value, before[key]), key


def test_validation_is_of_the_student_alone() -> None:
    teacher = Watched()
    module = _distiller(teacher)
    teacher.seen.clear()
    images, _ = _batch(8)
    module.eval()
    assert torch.equal(module(images), module.network(images))
    assert teacher.seen == []
