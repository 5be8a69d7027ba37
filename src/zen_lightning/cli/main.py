"""The command line: Hydra, with errors that one can read."""

import io
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import hydra
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.cli.arguments import prepare
from zen_lightning.cli.help_page import readable_help
from zen_lightning.cli.hydra_state import command_of_hydra, folder_of_run, without_hydra
from zen_lightning.cli.info import asks_info, print_info
from zen_lightning.cli.typed_keys import named_sentence
from zen_lightning.cli.unusable import unusable_value
from zen_lightning.cli.validation import asks_validation, run_validation
from zen_lightning.config import conf_dir, register
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.runs.command_line import resuming
from zen_lightning.runs.going_on import going_on
from zen_lightning.runs.names import RECORD
from zen_lightning.system.callable_module import make_callable
from zen_lightning.system.cores import require_thread_number
from zen_lightning.system.ending import end_at_once
from zen_lightning.system.failing_disk import has_failed
from zen_lightning.system.full_disk import no_room
from zen_lightning.system.limits import limit_reached
from zen_lightning.system.main_process import GONE_EARLY, WithMain, is_beside_main
from zen_lightning.system.own_modules import note_directory
from zen_lightning.system.processes import is_main_process
from zen_lightning.system.requeue import leave_sigterm
from zen_lightning.system.visible import print_visibly
from zen_lightning.tasks.running import run_task

_USER_MISTAKE = 2
_INTERRUPTED = 130
_PIPE_CLOSED = 141
"""Exit codes: 2 as argparse has it; 130 and 141 as a shell has them, 128 and the number of SIGINT or SIGPIPE."""

_full_error: str | None = None
"""What the user set HYDRA_FULL_ERROR to: for the processes that a task starts."""


def main() -> None:
    """Run the command line, ``sys.argv``; the entry point of ``run.py`` and of ``zen-lightning``.

    With ``HYDRA_FULL_ERROR=1`` in the environment, errors end in a traceback instead of a sentence.
    """
    try:
        _main()
    except SystemExit as stop:
        if is_beside_main() and isinstance(stop.code, int):
            # Threads for collectives may wait for processes that end now, too: as Python ends, C++ then writes of its own.
            end_at_once(stop.code)
        raise


def _main() -> None:
    WithMain(GONE_EARLY).__enter__()
    wants_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    print_visibly(sys.stdout, sys.stderr)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # A terminal without these characters still gets the tables.
    typed = sys.argv[1:]
    try:
        require_thread_number()
        if asks_info(typed):
            print_info()
            return
        if asks_validation(typed):
            sys.exit(run_validation(typed))
        execute(typed)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except (BrokenPipeError, PipeClosed):
        # The reader of a pipe, `| head`, has seen enough.
        silence_output()
        sys.exit(_PIPE_CLOSED)
    except Exception as error:
        message = explain(error, typed)
        if wants_traceback or message is None:
            raise
        _give_up(message)


def execute(arguments: list[str], contained: bool = False) -> Any:
    """Run one command in this process, and return what its task returned; None of a sweep.

    Args:
        arguments: the arguments of the command line; they take the place of those in ``sys.argv``.
        contained: whether what starts the command knows that no link leads out of its folder.

    Raises:
        Exception: what the task raised; :func:`explain` has the sentence for it.
    """
    global _full_error
    print_visibly(sys.stdout, sys.stderr)
    _full_error = os.environ.get("HYDRA_FULL_ERROR")
    # Hydra prints errors its own way and exits; with this it hands them on.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    returned: list[Any] = []
    composed = False

    def run(config: DictConfig) -> Any:
        nonlocal composed
        composed = True
        returned.append(_run(config))
        return returned[-1]

    try:
        note_directory()
        sys.argv[1:] = prepare(arguments, contained)
        if any(argument in ("-m", "--multirun") for argument in sys.argv[1:]):
            leave_sigterm()  # The processes of a sweep have ways of their own.
        register()
        with readable_help(sys.argv[1:]):
            hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(run)()
    except _Failed as failed:
        raise failed.error from failed.error.__cause__  # Hydra is left out of it, and not what was wrong (a full disk).
    except Exception as error:
        if composed or explain(error) is not None:
            raise
        from zen_lightning.cli.arguments import config_folders, options_and_overrides
        from zen_lightning.config.explain import odd_configuration

        options, overrides = options_and_overrides(sys.argv[1:])
        raise odd_configuration(error, overrides, config_folders(options)) from error
    return returned[0] if returned else None


class _Failed(BaseException):
    """Carries a user's mistake past Hydra, which would print a line of its own for an Exception."""

    def __init__(self, error: UserError | MissingExtraError) -> None:
        super().__init__(str(error))
        self.error = error


class PipeClosed(BaseException):
    """Carries a BrokenPipeError past Hydra."""


def _run(config: DictConfig) -> Any:
    folder, command = folder_of_run(), command_of_hydra()
    config.output_dir = config.output_dir  # Its name may depend on Hydra's state, which tasks do not see.
    os.environ["HYDRA_FULL_ERROR"] = _full_error or "0"
    try:
        with without_hydra():
            return run_task(config, folder, command)
    except (UserError, MissingExtraError) as error:
        if command.sweep is not None:
            raise  # Hydra collects the errors of a sweep's jobs.
        raise _Failed(error) from error
    except KeyboardInterrupt:
        kept = going_on(folder)
        if is_main_process() and kept is not None:
            print(f"\nstopped; {kept}", file=sys.stderr)
        raise
    except OmegaConfBaseException as error:
        from zen_lightning.config.explain import from_omegaconf

        if command.sweep is not None:
            raise
        raise _Failed(from_omegaconf(error, "", command.overrides)) from error
    except BrokenPipeError as error:
        raise PipeClosed from error
    except OSError as error:
        room = no_room(error)
        more = f", then continue with {resuming(folder)}" if (folder / RECORD).exists() else ""
        if room is None:
            if command.sweep is not None:
                raise
            found = limit_reached(error) or unusable_value(error, command.overrides)
            raise _Failed(found.advised(f"see that it works{more}") if has_failed(error) else found) from error
        full = UserError(f"{room.said}; what is in {folder} is kept", remedy=f"{room.remedy}{more}")
        raise _Failed(full) from error
    except (RuntimeError, MemoryError) as error:
        limit = limit_reached(error)
        if command.sweep is not None or limit is None:
            raise
        raise _Failed(limit) from error
    finally:
        os.environ["HYDRA_FULL_ERROR"] = "1"


def silence_output() -> None:
    """Write what is still printed, also as the process ends, nowhere: its reader has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _give_up(message: str) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(_USER_MISTAKE)


def explain(error: Exception, typed: Sequence[str] = ()) -> str | None:
    """Return the sentence for a user of what a command raised, or None for a fault of the program.

    Args:
        error: what it raised.
        typed: its arguments as they were typed, whose keys are told.
    """
    if isinstance(error, UserError | MissingExtraError):
        return named_sentence(error, typed) if isinstance(error, UserError) else str(error)
    from zen_lightning.cli.arguments import config_folders, options_and_overrides
    from zen_lightning.config.explain import explain_configuration

    limit = limit_reached(error)
    if limit is not None:
        return str(limit)
    options, overrides = options_and_overrides(sys.argv[1:])
    explained = explain_configuration(error, overrides, config_folders(options))
    if explained is None and isinstance(error, OSError):
        return str(unusable_value(error, overrides))
    return None if explained is None else named_sentence(explained, typed)


make_callable(__name__, f"{__name__}:main")  # ``from zen_lightning.cli import main; main()`` is what older console scripts do.
