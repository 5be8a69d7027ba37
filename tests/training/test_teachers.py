"""Every teacher of the project keeps to what every teacher does. A new one joins by one line in TEACHERS."""

import inspect
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from hydra.utils import get_object
from omegaconf import OmegaConf
from torch import Tensor, nn

from zen_lightning.arch import Architecture
from zen_lightning.config import conf_dir
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.nets import build_network, save_weights
from zen_lightning.tasks.training.teacher import read_teacher
from zen_lightning.testing.teachers import TEACHER, TeacherCase, images_of
from zen_lightning.training.teachers import StagedTeacher, Teacher, TimmTeacher, trained_teacher, zoo_teacher

STRUCTURE = "SuperConvK3BNRELU(3,4,2,1)SuperResK1K3K1(4,6,2,5,1)SuperResK1K3K1(6,8,2,5,1)SuperConvK1BNRELU(8,10,1,1)"
SMALL = "mobilenetv3_small_050"


def _staged(size: int = 32, **options: Any) -> StagedTeacher:
    return StagedTeacher(build_network(Architecture.parse(STRUCTURE), num_classes=7), size, **options)


TEACHERS: list[tuple[str, Callable[[], Teacher], int]] = [
    ("staged", _staged, 4),
    ("timm-rows-of-blocks", partial(TimmTeacher, SMALL, pretrained=False, image_size=64), 8),
    ("timm-stages", partial(TimmTeacher, "resnet10t", pretrained=False, image_size=64), 8),
    ("timm-one-size", partial(TimmTeacher, "test_vit", pretrained=False, image_size=96), 16),
]


@cache
def _made(make: Callable[[], Teacher]) -> Teacher:
    return make()


@pytest.mark.parametrize("check", TEACHER.checks)
@pytest.mark.parametrize(("make", "first_ratio"), [known[1:] for known in TEACHERS], ids=[name for name, _, _ in TEACHERS])
def test_it_keeps_to_what_every_teacher_does(make: Callable[[], Teacher], first_ratio: int, check: str) -> None:
    TEACHER.checks[check](TeacherCase(_made(make), first_ratio))


def test_the_first_rows_of_blocks_at_a_resolution() -> None:
    teacher = TimmTeacher(SMALL, pretrained=False, image_size=64)
    network: Any = teacher.network
    images = images_of(teacher)
    seen: list[Tensor] = []
    handles = [network.blocks[i].register_forward_hook(lambda _m, _a, out: seen.append(out.clone())) for i in range(6)]
    logits = network(images)
    for handle in handles:
        handle.remove()
    features, same = teacher.features(images, 16)
    assert torch.equal(same, logits)
    first = [next(out for out in seen if out.shape[-1] == size) for size in (4, 2)]
    assert len(features) == 2
    assert all(torch.equal(a, b) for a, b in zip(features, first, strict=True))


def test_the_published_teacher() -> None:
    teacher = TimmTeacher("tf_efficientnet_b3.ns_jft_in1k", pretrained=False, image_size=320)
    features, logits = teacher.features(torch.zeros(1, 3, 320, 320), 16)
    # The first rows of blocks at 20 and at 10 pixels.
    assert [tuple(feature.shape) for feature in features] == [(1, 96, 20, 20), (1, 232, 10, 10)]
    assert logits.shape == (1, 1000)
    assert teacher.mean == (0.485, 0.456, 0.406)


def test_size_and_normalisation_of_timm() -> None:
    teacher = TimmTeacher("test_vit", pretrained=False)
    assert teacher.image_size == 160
    assert teacher.mean == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("efficientnet_b3_ns", "timm has no such model; the nearest are .*efficientnet_b3"),
        ("qqqqqqqqqqqqq", "timm has no such model$"),
        ("tf_efficientnet_b3.ns", r"no such weights; it has .*tf_efficientnet_b3\.ns_jft_in1k"),
    ],
)
def test_unknown_model(model: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        TimmTeacher(model)


def test_a_size_that_the_model_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("too small")

    teacher = TimmTeacher(SMALL, pretrained=False, image_size=64)
    monkeypatch.setattr(teacher.network, "forward_intermediates", refuse)
    with pytest.raises(UserError, match=rf"\bmodel={SMALL}: no features of images of 64 px \(too small\)"):
        teacher.feature_channels(16)


def test_a_model_without_features() -> None:
    teacher = TimmTeacher(SMALL, pretrained=False, image_size=64)
    teacher.network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 10))
    with pytest.raises(UserError, match=r"timm gives no features of it; .*or feature_weight=0"):
        teacher.features(images_of(teacher), 16)
    assert teacher.features(images_of(teacher), None)[1].shape == (2, 10)


def test_timm_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtraError, match=r"the teacher resnet18 needs the package 'timm': pip install"):
        TimmTeacher("resnet18")


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise ConnectionError("cannot find the host\nmore of it")

    monkeypatch.setattr("timm.models._builder.load_state_dict_from_hf", unreachable)
    monkeypatch.setattr("timm.models._builder.load_state_dict_from_url", unreachable)
    with pytest.raises(UserError, match=r"cannot be downloaded \(cannot find the host\); give .* by checkpoint=FILE"):
        TimmTeacher(f"{SMALL}.lamb_in1k")


@pytest.mark.parametrize("kind", ["safetensors", "plain", "averaged"])
def test_weights_of_a_file(kind: str, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    torch.manual_seed(0)
    original = timm.create_model(SMALL, pretrained=False, num_classes=9).eval()
    path = tmp_path / ("weights.safetensors" if kind == "safetensors" else "weights.pth")
    state = original.state_dict()
    if kind == "safetensors":
        save_file(state, path)
    elif kind == "plain":
        torch.save({f"module.{key}": value for key, value in state.items()}, path)
    else:
        torch.save({"epoch": 3, "state_dict": {}, "state_dict_ema": state}, path)
    teacher = TimmTeacher(SMALL, checkpoint=str(path), image_size=64)
    assert teacher.num_classes == 9
    assert torch.equal(teacher.features(images_of(teacher), None)[1], original(images_of(teacher)))
    assert "state_dict" not in teacher.network.pretrained_cfg


def test_files_that_are_no_weights_of_it(tmp_path: Path) -> None:
    other = tmp_path / "other.pth"
    torch.save(nn.Linear(2, 2).state_dict(), other)
    with pytest.raises(UserError, match=rf"\bcheckpoint=.*other\.pth: not weights of {SMALL}"):
        TimmTeacher(SMALL, checkpoint=str(other))
    torch.save({"epoch": 3}, other)
    with pytest.raises(UserError, match="holds no weights"):
        TimmTeacher(SMALL, checkpoint=str(other))
    with pytest.raises(UserError, match="no such checkpoint"):
        TimmTeacher(SMALL, checkpoint=str(tmp_path / "none.pth"))
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match="a damaged file of weights"):
        TimmTeacher(SMALL, checkpoint=str(tmp_path / "bad.safetensors"))


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    torch.save({"state_dict": {"x": partial(print, "executed")}}, tmp_path / "bad.pth")
    with pytest.raises(UserError, match="not a checkpoint that can be read safely"):
        TimmTeacher(SMALL, checkpoint=str(tmp_path / "bad.pth"))


def test_a_network_that_this_project_trained(tmp_path: Path) -> None:
    network = build_network(Architecture.parse(STRUCTURE), num_classes=7).eval()
    save_weights(network, tmp_path / "weights.safetensors", resolution=24)
    for arch in (tmp_path, tmp_path / "weights.safetensors"):
        teacher = trained_teacher(str(arch))
        assert teacher.image_size == 24
        assert torch.equal(teacher.features(images_of(teacher), None)[1], network(images_of(teacher)))
    assert trained_teacher(str(tmp_path), image_size=32).image_size == 32


def test_no_weights(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\barch=.*: the training has no weights\.safetensors \(yet\)"):
        trained_teacher(str(tmp_path))
    with pytest.raises(UserError, match=r"no such folder of a training, nor file; it is a network of the zoo"):
        trained_teacher("zennet_cifar10_model_size1M_res32")
    save_weights(build_network(Architecture.parse(STRUCTURE)), tmp_path / "weights.safetensors")
    with pytest.raises(UserError, match=r"do not say which images they are for; give image_size$"):
        trained_teacher(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "mean"), [("zennet_cifar10_model_size05M_res32", 0.4914), ("zennet_imagenet1k_flops400M_SE_res224", 0.485)]
)
def test_a_network_of_the_zoo(name: str, mean: float, monkeypatch: pytest.MonkeyPatch) -> None:
    from zen_lightning import zoo

    asked: list[tuple[str, bool]] = []

    def create(name: str, pretrained: bool) -> nn.Module:
        asked.append((name, pretrained))
        return build_network(Architecture.parse(STRUCTURE), num_classes=7)

    monkeypatch.setattr(zoo, "create", create)
    teacher = zoo_teacher(name)
    assert asked == [(name, True)]
    assert teacher.image_size == zoo.entry(name).resolution
    assert teacher.mean is not None
    assert teacher.mean[0] == mean


def test_bad_arguments() -> None:
    with pytest.raises(UserError, match=r"^image_size=0"):
        _staged(0)
    with pytest.raises(UserError, match=r"^mean is given without std: expected both, or neither"):
        _staged(mean=(0.5, 0.5, 0.5))


def _config(**teacher: Any) -> Any:
    return OmegaConf.create({"task": {"name": "distill"}, "teacher": teacher})


def test_read_teacher(tmp_path: Path) -> None:
    save_weights(build_network(Architecture.parse(STRUCTURE)), tmp_path / "weights.safetensors", resolution=24)
    shipped = OmegaConf.load(conf_dir() / "teacher" / "checkpoint.yaml")
    shipped.arch = str(tmp_path)
    teacher = read_teacher(OmegaConf.create({"task": {"name": "distill"}, "teacher": shipped}))
    assert isinstance(teacher, StagedTeacher)
    assert teacher.mean is None


def test_read_no_teacher() -> None:
    with pytest.raises(UserError, match="task=distill needs a teacher: teacher=efficientnet_b3_ns"):
        read_teacher(_config(name="none"))
    with pytest.raises(UserError, match=r"teacher=timm needs teacher\.model="):
        read_teacher(_config(name="timm", _target_="zen_lightning.training.teachers.TimmTeacher", model="???"))
    with pytest.raises(UserError, match=r"Linear is not a Teacher"):
        read_teacher(_config(name="x", _target_="torch.nn.Linear", in_features=1, out_features=1))
    with pytest.raises(UserError, match=r"unknown key teacher\.modle"):
        read_teacher(_config(name="timm", _target_="zen_lightning.training.teachers.TimmTeacher", modle="x"))


@pytest.mark.parametrize("path", sorted((conf_dir() / "teacher").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_configuration(path: Path) -> None:
    node: Any = OmegaConf.to_container(OmegaConf.load(path))
    assert node.pop("name") == path.stem
    target = node.pop("_target_", None)
    if target is None:
        assert path.stem == "none"
    else:
        assert set(node) <= set(inspect.signature(get_object(target)).parameters)
