"""The names of devices."""

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.device import check_device


@pytest.mark.parametrize("device", ["cpu", "mps", "cuda", "cuda:0", "cuda:12"])
def test_names_of_devices(device: str) -> None:
    check_device(device)


@pytest.mark.parametrize("device", ["", "gpu", "cuda:", "cuda:x", "cpu ", "CPU"])
def test_other_words(device: str) -> None:
    with pytest.raises(UserError, match=r"^device=.*: expected cpu, cuda, cuda:0"):
        check_device(device)
