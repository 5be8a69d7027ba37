"""Files that are no checkpoint of this network: one clear error, and nothing in them is executed."""

import pickle
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import torch
from torch import Tensor

from zen_lightning.arch import Architecture, CellArchitecture
from zen_lightning.errors import UserError
from zen_lightning.nets import StagedNetwork, build_network, load_original_checkpoint

TINY = "SuperConvK3BNRELU(3,4,2,1)SuperResK1K3K1(4,6,2,5,1)"
pytestmark = pytest.mark.filterwarnings("ignore:Detected pickle protocol")

States = Callable[[bool], dict[str, Tensor]]


@pytest.fixture
def network() -> StagedNetwork:
    return build_network(Architecture.parse(TINY), num_classes=7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "original.pth"


class Executes:
    """Creates a file when it is unpickled."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (str(self.witness), "w")


def test_missing_file(network: StagedNetwork, path: Path) -> None:
    with pytest.raises(UserError, match=r"original\.pth: no such checkpoint"):
        load_original_checkpoint(network, path)


def test_folder(network: StagedNetwork, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        load_original_checkpoint(network, tmp_path)


@pytest.mark.parametrize("length", [0, 1, 10, 100, 1000, 100_000])
def test_random_bytes(network: StagedNetwork, path: Path, length: int) -> None:
    rng = Random(length)
    for _ in range(30 if length < 100_000 else 1):
        path.write_bytes(rng.randbytes(length))
        with pytest.raises(UserError, match="not a checkpoint that can be read"):
            load_original_checkpoint(network, path)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.99])
def test_truncated_file(network: StagedNetwork, path: Path, original_state: States, part: float, zipped: bool) -> None:
    torch.save(original_state(False), path, _use_new_zipfile_serialization=zipped)
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    with pytest.raises(UserError, match="not a checkpoint that can be read"):
        load_original_checkpoint(network, path)


@pytest.mark.parametrize(
    "save", [torch.save, lambda value, path: path.write_bytes(pickle.dumps(value))], ids=["torch", "pickle"]
)
def test_nothing_is_executed(network: StagedNetwork, path: Path, tmp_path: Path, save: Callable[..., object]) -> None:
    witness = tmp_path / "executed"
    save({"state_dict": {}, "extra": Executes(witness)}, path)
    with pytest.raises(UserError, match="not a checkpoint that can be read safely: it ") as caught:
        load_original_checkpoint(network, path)
    assert "weights_only" not in str(caught.value)
    assert save is not torch.save or "it holds io.open, which is neither a tensor" in str(caught.value)
    assert not witness.exists()
    pickle.loads(pickle.dumps(Executes(witness)))
    assert witness.exists()


@pytest.mark.parametrize("content", [[1, 2], torch.zeros(3), {"state_dict": 3}, {"state_dict": {"a": 1}}, {"epoch": 3}, "text"])
def test_other_content(network: StagedNetwork, path: Path, content: object) -> None:
    torch.save(content, path)
    with pytest.raises(UserError, match="not a checkpoint: expected a dict with 'state_dict', or a dict of tensors"):
        load_original_checkpoint(network, path)


@pytest.mark.parametrize("content", [{}, {"weight": torch.zeros(3)}, {0: torch.zeros(3)}])
def test_tensors_of_something_else(network: StagedNetwork, path: Path, content: object) -> None:
    torch.save(content, path)
    with pytest.raises(UserError, match=r"original\.pth: "):
        load_original_checkpoint(network, path)


def test_missing_key(network: StagedNetwork, path: Path, original_state: States) -> None:
    state = original_state(False)
    del state["module_list.1.module_list.0.proj.0.bias"]
    torch.save(state, path)
    with pytest.raises(UserError, match=r"'module_list.1.module_list.0.proj.0.bias' is missing \(1 missing, 0 left over\)"):
        load_original_checkpoint(network, path)


def test_left_over_key(network: StagedNetwork, path: Path, original_state: States) -> None:
    torch.save({**original_state(False), "module_list.2.extra": torch.zeros(1)}, path)
    with pytest.raises(UserError, match=r"'module_list.2.extra' has no place in the network \(0 missing, 1 left over\)"):
        load_original_checkpoint(network, path)


def test_wrong_shape(network: StagedNetwork, path: Path, original_state: States) -> None:
    torch.save({**original_state(False), "fc_linear.netblock.weight": torch.zeros(10, 6)}, path)
    with pytest.raises(UserError, match=r"fc_linear.netblock.weight' has shape \(10, 6\), the network's is \(7, 6\): check"):
        load_original_checkpoint(network, path)


@pytest.mark.parametrize("use_se", [False, True])
def test_wrong_use_se(path: Path, original_state: States, use_se: bool) -> None:
    torch.save(original_state(use_se), path)
    network = build_network(Architecture.parse(TINY), num_classes=7, use_se=not use_se)
    with pytest.raises(UserError, match="check the structure and use_se"):
        load_original_checkpoint(network, path)


def test_the_network_of_a_cell(path: Path, original_state: States) -> None:
    torch.save(original_state(False), path)
    cell = CellArchitecture.parse("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|")
    with pytest.raises(UserError, match=r"pth: checkpoints of the original hold networks of super-blocks, not a CellNetwork$"):
        load_original_checkpoint(build_network(cell, num_classes=7), path)


def test_a_refused_checkpoint_leaves_the_network_as_it_was(network: StagedNetwork, path: Path, original_state: States) -> None:
    before = {key: value.clone() for key, value in network.state_dict().items()}
    torch.save({**original_state(False), "fc_linear.netblock.bias": torch.zeros(8)}, path)
    with pytest.raises(UserError):
        load_original_checkpoint(network, path)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
