"""Names of 0.1.0 that scripts import."""

import zen_lightning.cli.validation
import zen_lightning.cli_validation


def test_validation_has_its_old_name() -> None:
    assert zen_lightning.cli_validation.run_validation is zen_lightning.cli.validation.run_validation
