"""From ``conf/`` to typed keys and objects; errors are sentences."""

from zen_lightning.config.build import argument_problems, build, make, target_of
from zen_lightning.config.resolvers import proxy_images, register, sanitize
from zen_lightning.system.conf_dir import conf_dir

__all__ = [
    "argument_problems",
    "build",
    "conf_dir",
    "make",
    "proxy_images",
    "register",
    "sanitize",
    "target_of",
]
