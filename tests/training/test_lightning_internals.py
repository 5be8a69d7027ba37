"""A version of Lightning without a private part that is used is named in a sentence."""

import pytest
import pytorch_lightning as pl

from zen_lightning.errors import UserError
from zen_lightning.training import lightning_internals
from zen_lightning.training.lightning_internals import first_error, ignore_signals, never_broadcast_sigterm


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


class _Incomplete:
    def _teardown(self, error: BaseException | None = None) -> None:
        if error is not None:
            raise error


def _ended_by(first: BaseException, then: BaseException | None) -> None:
    """End as Lightning's trainer does: it cleans up while it handles an error."""
    trainer = _Incomplete()
    try:
        raise first
    except BaseException:
        trainer._teardown(then)
        raise


def test_a_clean_up_that_fails_hides_nothing() -> None:
    with pytest.raises(UserError, match="no images"), first_error():
        _ended_by(UserError("no images"), RuntimeError("Please call `iter(combined_loader)` first."))
    with pytest.raises(SystemExit) as caught, first_error():
        _ended_by(KeyboardInterrupt(), RuntimeError("Please call `iter(combined_loader)` first."))
    assert isinstance(caught.value.__context__, KeyboardInterrupt)


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(KeyError), first_error():
        _ended_by(KeyError("x"), None)
    with pytest.raises(RuntimeError, match="alone"), first_error():
        raise RuntimeError("alone")
    with pytest.raises(RuntimeError, match="second"), first_error():
        _two_errors()


def _two_errors() -> None:
    """Raise while handling another error, not in a clean-up."""
    try:
        raise KeyError("first")
    except KeyError:
        raise RuntimeError("second")  # noqa: B904
