"""The command line: Hydra, with errors that one can read."""

import os
import sys
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from hydra.utils import get_method
from omegaconf import DictConfig

from zen_lightning.cli_arguments import prepare
from zen_lightning.config import conf_dir, register
from zen_lightning.errors import MissingExtraError, UserError

_USER_MISTAKE = 2
_INTERRUPTED = 130


def main() -> None:
    """Run the command line, ``sys.argv``; the entry point of ``run.py`` and of ``zen-lightning``."""
    wants_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    # Hydra prints errors its own way and exits; with this it hands them on.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        sys.argv[1:] = prepare(sys.argv[1:])
        register()
        hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(_run)()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except Exception as error:
        message = _explain(error)
        if wants_traceback or message is None:
            raise
        print(f"error: {message}", file=sys.stderr)
        sys.exit(_USER_MISTAKE)


def _run(config: DictConfig) -> Any:
    folder = Path(HydraConfig.get().runtime.output_dir)
    try:
        return get_method(config.task.run)(config, folder)
    except (UserError, MissingExtraError) as error:
        # In a sweep Hydra collects the errors of all jobs; alone, it would add a line of its own.
        if HydraConfig.get().mode == RunMode.MULTIRUN:
            raise
        print(f"error: {error}", file=sys.stderr)
        sys.exit(_USER_MISTAKE)
    except KeyboardInterrupt:
        if (folder / "journal").is_dir():
            print(f"\nstopped; nothing is lost: continue with resume={folder}", file=sys.stderr)
        raise


def _explain(error: Exception) -> str | None:
    """Return the sentence for a user, or None for a fault of the program."""
    if isinstance(error, UserError | MissingExtraError):
        return str(error)
    from zen_lightning.cli_errors import explain_configuration

    return explain_configuration(error, sys.argv[1:])
