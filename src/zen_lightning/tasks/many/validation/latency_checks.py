"""What the tasks that measure latency would refuse."""

from omegaconf import DictConfig

from zen_lightning.latency.profile import find_profile
from zen_lightning.latency.runner import check_present
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.tasks.latency import latency, profile
from zen_lightning.tasks.latency.setup import extent_of, output_path, refuse_settings_beside, settings_of
from zen_lightning.tasks.many.validation.trial import Trial


def check_latency(trial: Trial) -> None:
    """Note what ``task=latency`` would refuse."""
    networks = trial.ask("arch", latency.networks_of)
    trial.ask("measure_seconds", latency.check_seconds)
    settings = trial.ask("latency.profile", _settings)
    if networks:
        trial.tell("networks", str(len(networks)))
    if settings:
        trial.tell("measured by", settings[0].summary(with_batch=False))


def check_profile(trial: Trial) -> None:
    """Note what ``task=profile`` would refuse."""
    output, settings = trial.ask("output", output_path), trial.ask("device", settings_of)
    if settings:
        trial.ask("extent", lambda config: extent_of(config, settings[0]))
    # What else there is to refuse needs both; each refusal above is noted once.
    asked = trial.ask("output", profile.read_asked) if output is not None and settings else None
    if asked is not None:
        trial.tell("profile of", asked.settings.summary())
        trial.tell("output", str(asked.output))


def _settings(config: DictConfig) -> list[LatencySettings]:
    """Return how networks would be measured, one for each batch size."""
    if config.latency.profile is None:
        settings = settings_of(config)
        check_present(settings[0])
        return settings
    found = find_profile(config.latency.profile)
    refuse_settings_beside(found)
    return [found.settings]
