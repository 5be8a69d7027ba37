"""Models of timm with their weights: from its hub, or from a file."""

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from zen_lightning.errors import UserError, first_line
from zen_lightning.nets.weights_file import is_safetensors, read_safetensors
from zen_lightning.system.named_path import expanded
from zen_lightning.system.value_types import Pixels
from zen_lightning.training.checkpoint_io import read_checkpoint

_STATES = ("state_dict_ema", "model_ema", "state_dict", "model")


def create_timm_model(model: str, pretrained: bool, checkpoint: str | None, image_size: Pixels | None) -> Any:
    """Return a model of timm.

    Args:
        model: a name that timm knows.
        pretrained: whether to load the weights that timm knows.
        checkpoint: file of weights instead; nothing in it is executed.
        image_size: for models that are built for one size.

    Raises:
        UserError: the weights cannot be had, or are of another model.
    """
    import timm

    known: Any = timm.models.get_pretrained_cfg(model) if ":" not in model else None
    config: dict[str, Any] = known.to_dict() if known is not None else {}
    options: dict[str, Any] = {}
    if image_size is not None and config.get("fixed_input_size"):
        options["img_size"] = image_size
    if checkpoint is not None:
        return _with_state(model, read_state(expanded(checkpoint)), config, checkpoint, options)
    try:
        return timm.create_model(model, pretrained=pretrained, **options)
    except Exception as error:  # Hubs and networks fail in a dozen ways.
        if not pretrained:
            raise UserError(f"timm cannot build it ({_sentence(error)})", key="model", value=model) from error
        where = config.get("hf_hub_id") or config.get("url")
        source = f" ({where})" if where else ""
        raise UserError(
            f"its weights{source} cannot be downloaded ({_sentence(error)})",
            key="model",
            value=model,
            remedy="give a file of them by {checkpoint}=FILE, or fill the hub's cache on a machine that has a network and copy "
            "it here (HF_HOME)",
            involves=["checkpoint"],
        ) from error


def read_state(path: Path) -> dict[str, Tensor]:
    """Return the weights of a file, averaged ones where it has them, without the prefix of several processes.

    Raises:
        UserError: there is no such file, or it holds no weights.
    """
    if is_safetensors(path):
        content: dict[str, Any] = read_safetensors(path, "checkpoint")
    else:
        content = read_checkpoint(path)
    state = next((content[key] for key in _STATES if isinstance(content.get(key), dict)), content)
    if not state or not all(isinstance(value, Tensor) for value in state.values()):
        raise UserError("it holds no weights", key="checkpoint", value=path)
    return {key.removeprefix("module."): value for key, value in state.items()}


def _with_state(
    model: str, state: dict[str, Tensor], config: dict[str, Any], checkpoint: str, options: dict[str, Any]
) -> nn.Module:
    import timm

    overlay: dict[str, Any] = {"state_dict": state}
    classifier = config.get("classifier")
    head = classifier if isinstance(classifier, str) or classifier is None else classifier[0]
    if head is not None and f"{head}.weight" in state:
        overlay["num_classes"] = len(state[f"{head}.weight"]) - config.get("label_offset", 0)
    try:
        # Through timm's own loading, which knows how weights were named before.
        network: nn.Module = timm.create_model(model, pretrained=True, pretrained_cfg_overlay=overlay, **options)
    except Exception as error:
        detail = " ".join(str(error).split())[:300]
        raise UserError(f"not weights of {model} ({detail})", key="checkpoint", value=checkpoint) from error
    network.pretrained_cfg.pop("state_dict", None)  # type: ignore[union-attr, operator]
    return network


def _sentence(error: BaseException) -> str:
    return first_line(error).rstrip(".")
