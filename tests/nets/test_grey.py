"""Networks for images of one channel, in every verb."""

from pathlib import Path

import pytest
import torch
from torch import nn

import zen_lightning as zl
from zen_lightning.arch import Architecture, ArchitectureError, parse_architecture
from zen_lightning.errors import UserError
from zen_lightning.nets.image_channels import as_taken, image_channels
from zen_lightning.nets.module_counts import count_layers

GREY = "SuperConvK3BNRELU(1,8,1,1)SuperResIDWE4K3(8,16,2,8,1)SuperConvK1BNRELU(16,64,1,1)"


@pytest.mark.parametrize(
    "text", [GREY, "ConvKX(stem|1,8,3,1)BN(8)", "Sequential(ConvKX(1,8,3,1))", "ResBlock(1,ConvKX(1,8,3,1))"]
)
def test_a_text_says_that_its_images_are_grey(text: str) -> None:
    assert parse_architecture(text).in_channels == 1
    with pytest.raises(ArchitectureError, match=r"takes 1 channels"):
        Architecture.parse(text)


def test_other_widths_are_no_images() -> None:
    for width in (8, 16):
        with pytest.raises(ArchitectureError, match=rf"takes {width} channels, but the image has 3"):
            parse_architecture(f"SuperConvK3BNRELU({width},8,1,1)")


def test_a_grey_network_takes_colour_as_its_luminance() -> None:
    network = zl.build_network(parse_architecture(GREY), num_classes=5).eval()
    images = torch.rand(2, 3, 16, 16)
    grey = (images * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True)
    torch.testing.assert_close(network(images), network(grey))
    torch.testing.assert_close(network.stage_features(images, 2)[1], network(grey))
    torch.testing.assert_close(network.block_features(images)[-1], network.features(grey))
    assert as_taken(images, 3) is images


def test_channels_of_modules_are_those_of_their_first_convolution() -> None:
    assert image_channels(nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 4, 3))) == 1
    assert image_channels(nn.Sequential(nn.Conv2d(64, 8, 3))) == 3
    assert count_layers(nn.Conv2d(1, 8, 3), 8).multiply_adds == 9 * 8 * 36


@pytest.mark.parametrize("proxy", ["zen", "zen_monte_carlo", "flops", "synflow", "naswot", "az_nas"])
def test_scores(proxy: str) -> None:
    arch = parse_architecture(GREY)
    value = zl.score(arch, proxy, resolution=16, batch_size=4).value
    module = zl.build_network(arch, 10)
    of_module = zl.score(module, proxy, resolution=16, batch_size=4, in_channels=1).value
    assert torch.isfinite(torch.tensor([value, of_module])).all()
    if proxy == "flops":
        assert value == of_module == arch.flops(16, 10)


def test_in_channels_of_a_score_is_checked() -> None:
    with pytest.raises(UserError, match="in_channels=0: expected 1 or more"):
        zl.score(parse_architecture(GREY), "naswot", in_channels=0)


def test_a_search_begins_with_a_grey_stem() -> None:
    found = zl.search(budget="params1M", in_channels=1, iterations=20, finalists=0, rerank=None)
    assert str(found.architecture).startswith("SuperConvK3BNRELU(1,")
    with pytest.raises(UserError, match="in_channels=1"):
        zl.search(budget="nas_bench_201", in_channels=1, iterations=2)


def test_train_load_and_export(tmp_path: Path) -> None:
    zl.train(GREY, "digits", folder=tmp_path / "run", epochs=1, limit=64)
    loaded = zl.load(tmp_path / "run")
    pixels = torch.randint(0, 255, (20, 20, 1), dtype=torch.uint8).expand(20, 20, 3).numpy()
    expected = loaded.predict(pixels)
    zl.export(str(tmp_path / "run"), tmp_path / "out", "onnx")
    again = zl.load(tmp_path / "out" / "model.onnx")
    assert again.predict(pixels).classes == expected.classes
    assert again.predict(pixels).probability == pytest.approx(expected.probability, abs=1e-3)
