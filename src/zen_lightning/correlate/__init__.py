"""How well proxies rank networks whose accuracy is known."""

from zen_lightning.system.callable_module import make_callable

make_callable(__name__, "zen_lightning.api.networks:correlate")
