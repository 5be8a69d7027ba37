"""The name under which timm registration was published: ``import zen_lightning.timm_models``; it lives in the zoo."""

from zen_lightning.zoo import timm_models as _registered

__all__: list[str] = []
__doc__ = _registered.__doc__
