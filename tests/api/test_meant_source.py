"""Names that name no architecture, and what is proposed."""

import os
from pathlib import Path

import pytest

from zen_lightning.api.sources import read_architecture
from zen_lightning.errors import UserError

NET = "SuperConvK3BNRELU(3,8,1,1)"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("net", r"there is no file net; did you mean 'net.txt'\?"),
        ("Net.TXT", r"did you mean 'net.txt'\?"),
        ("runs", r"there is no best_structure.txt in the folder runs; did you mean 'runs/zen/one'\?"),
        ("front", r"a front holds several networks: name one of those in front/structures, such as .*/flops_0018M\.txt$"),
        ("empty", r"there is no best_structure.txt in the folder empty$"),
        ("resnet18", r"there is no file resnet18; did you mean torchvision:resnet18( or timm:resnet18)?\?"),
        ("timm/resnet50.a1_in1k", r"did you mean torchvision:resnet50"),
        ("MobileNetV2", r"did you mean torchvision:mobilenet_v2"),
        ("https://example.org/net.txt", r"nothing is downloaded: fetch the file yourself, and give its path"),
        ("zennet_imagenet1k_flops600M", r"did you mean 'zennet_imagenet1k_flops600M_SE_res224'\?"),
        ("xyzzy", r"there is no file xyzzy$"),
    ],
)
def test_what_may_be_meant(name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.txt").write_text(NET)
    (tmp_path / "empty").mkdir()
    (tmp_path / "front" / "structures").mkdir(parents=True)
    for limit in ("0002M", "0018M"):
        (tmp_path / "front" / "structures" / f"flops_{limit}.txt").write_text(NET)
    (tmp_path / "runs" / "zen" / "one").mkdir(parents=True)
    (tmp_path / "runs" / "zen" / "one" / "best_structure.txt").write_text(NET)
    if name == "Net.TXT" and Path(name).exists():
        pytest.skip("a file system that ignores case")
    with pytest.raises(UserError, match=said):
        read_architecture(name)


def test_what_is_there_and_is_no_file_is_told_as_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``arch=<(command)`` of a shell is, and ``arch=/dev/stdin``."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("net.txt")
    Path("gone.txt").symlink_to("nowhere")
    Path("run").mkdir()
    os.mkfifo("run/best_structure.txt")
    pipe = "is a pipe, and must be a file: write what is to be read to one"
    told = {"net.txt": pipe, "run": f"run/best_structure.txt {pipe}", "gone.txt": "is a link to what is not there"}
    for name, said in told.items():
        with pytest.raises(UserError) as refused:
            read_architecture(name)
        assert said in str(refused.value)
        assert "did you mean" not in str(refused.value)
