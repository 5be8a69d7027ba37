"""A version of Lightning without a private part that is used is named in a sentence."""

import pytest
import pytorch_lightning as pl

from zen_lightning.errors import UserError
from zen_lightning.training import lightning_internals
from zen_lightning.training.lightning_internals import ignore_signals, never_broadcast_sigterm


def _trainer() -> pl.Trainer:
    return pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False)


def test_this_version_has_all_of_them() -> None:
    assert lightning_internals.version.startswith(f"{lightning_internals.MADE_FOR}.")
    trainer = _trainer()
    never_broadcast_sigterm(trainer)
    ignore_signals(trainer)
    assert trainer.fit_loop.epoch_loop._broadcast_sigterm_tensor is lightning_internals._nothing
    assert trainer._signal_connector.register_signal_handlers is lightning_internals._nothing


def test_what_a_version_lacks_is_said_with_the_versions_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = _trainer()
    monkeypatch.delattr(type(trainer.fit_loop.epoch_loop), "_broadcast_sigterm_tensor")
    with pytest.raises(UserError, match=r"has no _TrainingEpochLoop._broadcast_sigterm_tensor.*: install .*lightning==2.6"):
        never_broadcast_sigterm(trainer)
