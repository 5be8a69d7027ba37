"""Operations of ATen that an exported program may call: they check what they are given.

PyTorch has some 3,000 operations. Many are parts of others, which have checked the sizes, indices and offsets before: called by
themselves with what a file holds they read and write outside of their tensors (``_convert_indices_from_csr_to_coo``,
``_native_batch_norm_legit``, ``max_pool2d_with_indices_backward``). Let in is the core set, by PyTorch's own tag
(``torch.Tag.core``), but for such parts, and by name what ``torch.export`` writes of those functions of ``torch`` and
``torch.nn`` that networks of images are made of.
"""

import re
from functools import cache

import torch

_NAME = re.compile(r"torch\.ops\.aten\.(\w+)\.(\w+)")

_TRUSTING = re.compile(r"_.*|.*_backward|resize_|empty|empty_strided")
"""Of the core set: parts of others, gradients, and what hands out memory as it lies there."""

_SCALED = re.compile(r"_?upsample_.*")
"""Of these only the overload is let in that takes either a size or scales: the others trust that both agree."""

_PARTS = ("_assert_scalar", "_assert_tensor_metadata", "_local_scalar_dense", "_log_softmax", "_softmax", "_to_copy")
_OPERATORS = ("__and__", "__or__", "__xor__")

_NAMED = frozenset(
    (
        *_PARTS,
        *_OPERATORS,
        # Layers.
        *("batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm", "linear", "bilinear", "dropout"),
        *("feature_dropout", "alpha_dropout", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d"),
        *("conv_transpose3d", "max_pool1d", "max_pool2d", "max_pool3d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"),
        *(
            "adaptive_max_pool1d",
            "adaptive_max_pool2d",
            "affine_grid_generator",
            "grid_sampler",
            "scaled_dot_product_attention",
        ),
        *("upsample_nearest1d", "upsample_nearest3d", "upsample_linear1d", "upsample_trilinear3d", "upsample_bicubic2d"),
        *("_upsample_nearest_exact2d", "_upsample_bilinear2d_aa", "_upsample_bicubic2d_aa"),
        # Activations.
        *("celu", "glu", "hardshrink", "hardsigmoid", "hardswish", "log_sigmoid", "log_softmax", "mish", "prelu", "relu6"),
        *("rrelu", "selu", "silu", "softmax", "softplus", "softshrink", "special_expit", "threshold"),
        # Products and sums.
        *("addbmm", "addcdiv", "addcmul", "addmv", "all", "baddbmm", "cosine_similarity", "count_nonzero", "cumprod", "dot"),
        *("einsum", "inner", "lerp", "linalg_norm", "linalg_vector_norm", "logsumexp", "matmul", "mv", "norm", "outer", "std"),
        *("std_mean", "tensordot", "var_mean", "aminmax", "cdist", "diff", "kron", "linalg_cross", "linalg_matrix_norm"),
        *("pairwise_distance", "vdot"),
        # Element by element.
        *("absolute", "clamp_max", "clamp_min", "clip", "divide", "erfc", "exp2", "floor_divide", "frac", "greater"),
        *("greater_equal", "isfinite", "less", "less_equal", "masked_fill", "multiply", "nan_to_num", "negative", "not_equal"),
        *("rsub", "sgn", "square", "subtract", "true_divide", "zero", "float_power", "fmax", "fmin", "logaddexp"),
        # Shapes.
        *("atleast_1d", "atleast_2d", "atleast_3d", "broadcast_tensors", "broadcast_to", "channel_shuffle"),
        *("chunk", "concat", "concatenate", "contiguous", "detach", "dstack", "expand_as", "flatten", "fliplr", "flipud"),
        *("hstack", "im2col", "lift_fresh", "lift_fresh_copy", "meshgrid", "moveaxis", "movedim", "narrow", "numpy_T", "pad"),
        *("pixel_shuffle", "pixel_unshuffle", "ravel", "repeat_interleave", "reshape", "reshape_as", "roll", "rot90", "split"),
        *("stack", "swapaxes", "swapdims", "t", "tensor_split", "tile", "transpose", "tril", "triu", "unbind", "unflatten"),
        *("unfold", "view_as", "vstack", "argsort", "take_along_dim", "one_hot", "mT", "mH", "matrix_H", "adjoint"),
        *("dsplit", "hsplit", "vsplit", "sum_to_size"),
        # Types, and tensors that are made.
        *("to", "type_as", "eye", "linspace", "new_full", "new_ones", "new_zeros", "ones", "ones_like", "zeros", "zeros_like"),
        *("sym_constrain_range", "sym_constrain_range_for_size"),
        # Spectra.
        *("complex", "imag", "real", "view_as_complex", "view_as_real", "fft_fftshift", "fft_ifftshift"),
        *(f"fft_{kind}{size}" for kind in ("fft", "ifft", "rfft", "irfft") for size in ("", "2", "n")),
    )
)
"""What exports of this project's networks, and of those in torchvision and timm, call beside the core set, and its like."""


@cache
def is_allowed(text: str) -> bool:
    """Whether a name is that of an operation on tensors that a program may call.

    Args:
        text: as a program names it.

    Example:
        >>> is_allowed("torch.ops.aten.conv2d.default"), is_allowed("torch.ops.aten.relu_.default")
        (True, True)
        >>> is_allowed("torch.ops.aten.from_file.default"), is_allowed("torch.ops.aten.set_.source_Storage")
        (False, False)
    """
    found = _NAME.fullmatch(text)
    if found is None:
        return False
    name, overload = found[1], found[2]
    # TorchScript has operations beside those of the dispatcher, which build texts and write files.
    if not torch._C._dispatch_has_kernel(f"aten::{name}" + ("" if overload == "default" else f".{overload}")):
        return False
    if _SCALED.fullmatch(name) and overload != "vec":
        return False
    schema = getattr(getattr(torch.ops.aten, name), overload)._schema
    if any(argument.is_out for argument in schema.arguments):
        return False
    return any(one in _NAMED or (_is_core(one) and not _TRUSTING.fullmatch(one)) for one in (name, _without_place(name)))


def _without_place(name: str) -> str:
    """Return what an operation in place is called that returns a tensor of its own: it checks the same."""
    return name.removesuffix("_") if not name.startswith("_") and name != "resize_" else name


def _is_core(name: str) -> bool:
    if not torch._C._dispatch_has_kernel(f"aten::{name}") and not hasattr(torch.ops.aten, name):
        return False
    packet = getattr(torch.ops.aten, name)
    return any(torch.Tag.core in getattr(packet, overload).tags for overload in packet.overloads())
