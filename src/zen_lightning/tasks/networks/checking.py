"""What tasks that look at networks would refuse."""

from typing import Any

from zen_lightning.api.device_here import check_device_here
from zen_lightning.budget import COUNTED, counts
from zen_lightning.search.open_pool import check_workers
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.architecture_source import read_architecture, read_setting
from zen_lightning.tasks.networks.proxies import read_proxies


def check_proxies(checks: Checks) -> None:
    """Note what is wrong with the proxies and the workers that score by them."""
    checks.ask("workers", lambda config: check_workers(config.workers))
    proxies = checks.ask("proxies", lambda config: read_proxies(config, checks.command))
    if proxies:
        checks.ask("device", lambda config: check_device_here([one.proxy for one in proxies], config.workers, config.device))
        checks.tell("proxies", ", ".join(proxy.label for proxy in proxies))


def tell_architecture(checks: Checks, num_classes: int | None = None, image_size: int | None = None) -> Any:
    """Note what is wrong with ``arch=``, say what it costs, and return it; None where there is none.

    Args:
        checks: the checks of the command.
        num_classes: outputs; None: as recorded with it, or as the configuration says.
        image_size: height and width of the images; None: likewise.
    """
    source = checks.config.arch
    if not isinstance(source, str):
        return None
    structure = checks.promised.get(source.strip(), source)
    architecture = checks.ask("arch", lambda config: read_architecture(structure, "arch"))
    setting = checks.ask("arch", lambda config: read_setting(config, checks.command, structure))
    if architecture is None or setting is None:
        return None
    classes, size = num_classes or setting.num_classes, image_size or setting.resolution
    costs = counts(architecture, size, classes, setting.use_se)
    listed = ", ".join(kind.phrase(costs[kind.column]) for kind in COUNTED if kind.column in costs)
    text = f"{listed}, at {size} px and {classes} classes"
    checks.tell("network", f"what an earlier stage finds (its start has {text})" if structure != source else text)
    return architecture
