"""Files written beside the training."""

import threading
from collections import OrderedDict

import pytest
import torch
from torch import nn

from zen_lightning.errors import UserError
from zen_lightning.training.writer import BackgroundWriter, on_cpu


def test_jobs_run_in_order_beside_the_caller() -> None:
    writer, done, go = BackgroundWriter(), [], threading.Event()
    writer.submit(lambda: done.append(go.wait(300)))
    writer.submit(lambda: done.append(2))
    assert done == []
    go.set()
    writer.wait()
    assert done == [True, 2]
    writer.close()
    writer.submit(lambda: done.append(3))  # A new thread.
    writer.close()
    assert done == [True, 2, 3]


@pytest.mark.parametrize("report", ["check", "wait", "close"])
def test_an_error_is_reported_once_and_stops_what_follows(report: str) -> None:
    writer, done = BackgroundWriter(), []
    go = threading.Event()

    def fail() -> None:
        go.wait(300)
        raise UserError("the disk is full")

    writer.submit(fail)
    writer.submit(lambda: done.append(1))
    go.set()
    writer._jobs.join()
    with pytest.raises(UserError, match="the disk is full"):
        getattr(writer, report)()
    writer.close()
    assert done == []


def test_copies_share_nothing() -> None:
    network = nn.BatchNorm2d(2)
    state = network.state_dict()
    content = {"state": state, "list": [torch.ones(2), (torch.zeros(1), "text")], "twice": state["weight"]}
    copied = on_cpu(content)
    with torch.no_grad():
        network.weight.fill_(7)
        content["list"][0].fill_(7)
    assert torch.equal(copied["state"]["weight"], torch.ones(2))
    assert copied["twice"] is copied["state"]["weight"]
    assert torch.equal(copied["list"][0], torch.ones(2))
    assert copied["list"][1][1] == "text"
    assert isinstance(copied["state"], OrderedDict)
    assert copied["state"]._metadata == state._metadata
