"""Distillation: what is learned from the teacher, and that nothing of it changes."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from training.distillation_parts import (
    HOW,
    RECIPE,
    Watched,
    batch,
    changed_in,
    distiller,
    fit,
    state_of,
    student_network,
)
from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.nets.weights import read_weights, save_weights
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.distillation_losses import feature_loss, logit_loss
from zen_lightning.training.distiller import Distiller
from zen_lightning.training.targets import soft_cross_entropy
from zen_lightning.training.teachers import StagedTeacher

pytestmark = pytest.mark.filterwarnings("ignore:You defined a `validation_step`", "ignore:.*LeafSpec")


def test_gradients_reach_student_and_projections_only() -> None:
    module = distiller()
    module.batch_loss(*batch()).backward()
    assert {name.split(".")[0] for name, _ in module.named_parameters()} == {"network", "projections"}
    assert all(parameter.grad is not None for parameter in module.parameters())
    for projection in module.projections:
        assert all(bool(parameter.grad.any()) for parameter in projection.parameters())
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in module.teacher.parameters())
    optimised = {id(p) for group in module.configure_optimizers().param_groups for p in group["params"]}
    assert optimised == {id(parameter) for parameter in module.parameters()}


def test_features_and_logits_alone_reach_the_student() -> None:
    module = distiller()
    for name in ("loss_features", "loss_logits"):
        module.zero_grad()
        module.loss_parts(*batch())[name].backward()
        stem = next(module.network.parameters())
        assert stem.grad is not None
        assert stem.grad.any()


def test_the_loss_is_what_the_specification_says() -> None:
    module = distiller(how={"feature_weight": 0.5, "logit_weight": 3.0, "clamp": 0.7})
    images, targets = batch()
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
    module = distiller(how={"feature_weight": 0.5, "logit_weight": 3.0})
    metrics = fit(module, limit_train_batches=1).callback_metrics
    total = metrics["loss_ce"] + 0.5 * metrics["loss_features"] + 3 * metrics["loss_logits"]
    assert metrics["train_loss"].item() == pytest.approx(total.item(), abs=1e-5)


def test_weights_of_zero_leave_parts_out() -> None:
    module = distiller(how={"feature_weight": 0})
    assert set(module.loss_parts(*batch())) == {"loss_ce", "loss_logits"}
    assert len(module.projections) == 0
    assert set(distiller(how={"logit_weight": 0}).loss_parts(*batch())) == {"loss_ce", "loss_features"}
    teacher = Watched()
    plain = distiller(teacher, how={"feature_weight": 0, "logit_weight": 0})
    images, targets = batch(8)
    assert torch.equal(plain.batch_loss(images, targets), soft_cross_entropy(plain.network(images), targets))
    assert teacher.seen == []


def test_training_changes_the_student_and_nothing_of_the_teacher() -> None:
    module = distiller()
    student, teacher = state_of(module), state_of(module.teacher)
    fit(module)
    assert changed_in(module.teacher, teacher) == set()
    assert not any(part.training for part in module.teacher.modules())
    changed = changed_in(module, student)
    assert {name for name, _ in module.named_parameters() if name.endswith("weight")} <= changed
    norm = next(key for key in student if key.endswith("running_mean"))
    assert norm in changed
    assert module.network.state_dict()[norm.replace("running_mean", "num_batches_tracked").removeprefix("network.")] == 2


def test_the_teacher_is_in_no_state_and_no_checkpoint(tmp_path: Any) -> None:
    module = distiller()
    keys = set(module.network.state_dict())
    trainer = fit(module)
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
    network, teacher = student_network(), Watched()
    network.blocks[1].eval()
    before, theirs, state = state_of(network), state_of(teacher), torch.get_rng_state()
    Distiller(network, RECIPE, 8, teacher, input_size=8, distillation=Distillation(**HOW | {"feature_weight": 0}))
    assert torch.equal(state, torch.get_rng_state())
    Distiller(network, RECIPE, 8, teacher, input_size=8, distillation=Distillation(**HOW))
    assert changed_in(network, before) == changed_in(teacher, theirs) == set()
    assert network.blocks[0].training
    assert not network.blocks[1].training


def test_the_seed_draws_the_projections() -> None:
    first, same, other = (distiller(seed=seed).projections[0].conv.weight for seed in (3, 3, 4))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_projections_with_norm_and_relu() -> None:
    module = distiller(how={"projection_norm": True, "projection_relu": True})
    assert isinstance(module.projections[0].norm, nn.BatchNorm2d)
    assert isinstance(module.projections[0].relu, nn.ReLU)
    assert torch.isfinite(module.batch_loss(*batch()))


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
        distiller(teacher, how={"first_ratio": ratio})
    assert len(distiller(teacher, how={"first_ratio": ratio, "feature_weight": 0}).projections) == 0


def test_other_classes() -> None:
    with pytest.raises(UserError, match=r"the teacher has 9 classes, the student 5: .* or logit_weight=0"):
        distiller(Watched(num_classes=9))
    module = distiller(Watched(num_classes=9), how={"logit_weight": 0})
    assert torch.isfinite(module.batch_loss(*batch()))


def test_validation_is_of_the_student_alone() -> None:
    teacher = Watched()
    module = distiller(teacher)
    teacher.seen.clear()
    images, _ = batch(8)
    module.eval()
    assert torch.equal(module(images), module.network(images))
    assert teacher.seen == []
