"""Reading of primitive blocks: what is kept, what chains, what is refused and where."""

import pickle
from random import Random

import pytest

from primitive_reference import random_text
from zen_lightning.arch import Architecture, ArchitectureError, parse_architecture
from zen_lightning.arch.plain.names import GROUPS, LAYERS
from zen_lightning.arch.plain.parser import MAX_DEPTH
from zen_lightning.errors import UserError

STEM = "ConvKX(3,8,3,1)BN(8)RELU(8)"


@pytest.mark.parametrize(
    "text",
    [
        STEM,
        f"{STEM}ResBlock(ConvKX(8,8,3,1)BN(8))RELU(8)",
        f"{STEM}ResBlock(8,ConvKX(8,16,3,1)BN(16))",
        f"{STEM}ResBlock(8,2,ConvKX(8,8,3,2)BN(8))",
        f"{STEM}ResBlock(8)ResBlock(8,1)",
        f"{STEM}ResBlockProj(8,1,ConvKX(8,8,3,1))",
        f"{STEM}MultiSumBlock(ConvKX(8,4,1,1);ConvDW(8,3,1)ConvKX(8,4,1,1))",
        f"{STEM}MultiCatBlock(ConvKX(8,4,1,1);Swish(8))ConvKXBNRELU(12,8,1,1)ConvKXBN(8,8,1,1)",
        f"Sequential({STEM}SuperResK3K3(8,16,2,8,1))SE(16)AdaptiveAvgPool(16,1)",
        f"Sequential({STEM}AdaptiveAvgPool(8,1)Flatten(8))Linear(8,5,1)",
        f"{STEM}AdaptiveAvgPool(8,1)Linear(8,5)",
        f"{STEM}SuperResK1DWK1(8,16,5,2,1.5,3)SuperResK1DW(16,16,3,1,1,2)SuperResK1KX(16,24,3,2,0.5,1)",
        "SuperConvK3BNRELU(3,8,1,1)MaxPool(8,3,2)ConvKXG4(8,16,3,2)",
    ],
)
def test_text_is_kept_and_copies_are_equal(text: str) -> None:
    arch = Architecture.parse(text)
    assert str(arch) == str(Architecture.parse(f"  {text}\n")) == text
    assert Architecture.parse(text) == arch == pickle.loads(pickle.dumps(arch)) == parse_architecture(text) == arch.split()
    assert hash(arch) == hash(Architecture.parse(text))
    assert repr(arch) == f"Architecture.parse({text!r})"
    assert arch != Architecture.parse("ConvKX(3,9,3,1)")
    assert [pickle.loads(pickle.dumps(block)) for block in arch.blocks] == list(arch.blocks)


def test_labels_have_no_effect() -> None:
    text = (
        "ConvKX(a1|3,8,3,1)ResBlock(r:2|8,1,BN(x y|8))MultiSumBlock(m|BN(8);RELU(z|8))Sequential(s|SuperResK3K3(t|8,8,1,8,1))"
    )
    assert str(Architecture.parse(text)) == (
        "ConvKX(3,8,3,1)ResBlock(8,1,BN(8))MultiSumBlock(BN(8);RELU(8))Sequential(SuperResK3K3(8,8,1,8,1))"
    )


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_every_layer_is_read(name: str) -> None:
    values = {"in_channels": 32, "out_channels": 32, "channels": 32, "kernel_size": 3, "stride": 1, "size": 1, "bias": 0}
    numbers = ",".join(str(values[argument]) for argument in LAYERS[name])
    before = "AdaptiveAvgPool(32,1)" if name in ("Flatten", "Linear") else ""
    text = f"ConvKX(3,32,3,1){before}{name}({numbers})"
    assert str(Architecture.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("ConvKX(3,8,3,1)BN(16)", "BN(16)", "BN(16) takes 16 channels, but 8 arrive"),
        ("ConvKX(4,8,3,1)", "ConvKX", "ConvKX(4,8,3,1) takes 4 channels, but 3 arrive"),
        (f"{STEM}ResBlock(BN(8)ConvKX(4,8,3,1))", "ConvKX(4", "takes 4 channels, but 8 arrive"),
        (f"{STEM}ResBlock(8,2,ConvKX(8,8,3,1))", "ResBlock", "says stride 2, but the blocks in it have 1"),
        (f"{STEM}ResBlock(4,ConvKX(8,8,3,1))", "ResBlock", "says in_channels 4, but the blocks in it have 8"),
        (f"{STEM}ResBlock()", "ResBlock", "has nothing in it"),
        (f"{STEM}ResBlock(8,2)", "ResBlock", "has nothing in it"),
        (f"{STEM}ResBlockProj(8)", "ResBlockProj", "has nothing in it"),
        (f"{STEM}ResBlock(AdaptiveAvgPool(8,1))", "ResBlock", "which its shortcut cannot follow"),
        (f"{STEM}ResBlock(8,1,1,BN(8))", "1,BN", "'1' where a super-block starts"),
        (f"{STEM}MultiSumBlock(ConvKX(8,4,1,1);ConvKX(8,8,1,1))", "MultiSum", "leave 4, 8 channels, which cannot be added"),
        (f"{STEM}MultiSumBlock(BN(8);)", "MultiSum", "has nothing in it"),
        (f"{STEM}MultiCatBlock()", "MultiCat", "has nothing in it"),
        (f"{STEM}MultiSumBlock(BN(8);AdaptiveAvgPool(8,2)Flatten(8))", "Flatten", "Flatten(8) stands in a MultiSumBlock"),
        (f"{STEM}AdaptiveAvgPool(8,4)MultiSumBlock(BN(8);MaxPool(8,3,2))", "MultiSum", "leave maps of sizes 2, 4"),
        (f"{STEM}Sequential()", "Sequential", "has nothing in it"),
        (f"{STEM}Sequential(BN(8);BN(8))", ";BN", "';' where a super-block starts"),
        (f"{STEM}Sequential(BN(8)", "", "the end at position"),
        (f"{STEM}Linear(8,10)", "Linear", "reads a row of features, but a map of an unknown size arrives"),
        (
            f"{STEM}AdaptiveAvgPool(8,2)Linear(8,10)",
            "Linear",
            "but a map of 2 x 2 arrives: expected AdaptiveAvgPool(8,1) or Flatten(8)",
        ),
        (f"{STEM}AdaptiveAvgPool(8,2)Flatten(8)Linear(8,10)", "Linear", "takes 8 channels, but 32 arrive"),
        (f"{STEM}Flatten(8)", "Flatten", "ends the text, of an unknown size: expected AdaptiveAvgPool(8,1) before it"),
        (f"{STEM}Flatten(8)RELU(8)", "RELU(8)", ""),
        (f"{STEM}Flatten(8)Linear(100,10)", "Flatten", "makes no row of 100 features: that is not 8 times a square"),
        (f"{STEM}Flatten(8)Linear(32,10)ConvKX(10,8,1,1)", "ConvKX(10", "reads a feature map, but a row of features arrives"),
        (f"{STEM}AdaptiveAvgPool(8,1)Linear(8,4,2)", "2)", "'2' is no bias: expected 0 or 1"),
        (f"{STEM}ConvKXG4(8,10,3,1)", "ConvKXG4", "has 4 groups: expected channels that 4 divides"),
        (f"{STEM}AdaptiveAvgPool(8,1)MaxPool(8,2,1)", "MaxPool", "leaves nothing of a feature map of 1 x 1"),
        (f"{STEM}ConvKXG3(8,9,3,1)", "ConvKXG3", "unknown super-block 'ConvKXG3'"),
        ("AdaptiveAvgPool(3,1)Linear(3,10)", "", "is all there is"),
        ("ConvKX(3,8,3)", ")", "before stride of ConvKX(in_channels, out_channels, kernel_size, stride)"),
        ("ConvKX(3, 8,3,1)", " 8", "' 8' is not a number"),
        ("ConvKX(3,8,0,1)", "0,1", "0 is out of range"),
        (f"{STEM}SuperResKXKX(8,16,3,2,x,1)", "x,1", "'x' is no expansion"),
        (f"{STEM}SuperResKXKX(8,16,3,2,0.01,1)", "SuperResKXKX", "has an expansion of 0.01"),
        (f"{STEM}SuperResK1DW(8,16,3,2,2.0,1)", "SuperResK1DW", "has an expansion of 2.0: expected 1"),
        (f"{STEM}SuperResKXKX(8,16,2,8,1)", ")", "before sub_layers"),
        (
            "ConvKX(3,8,3,1)" + "Sequential(" * MAX_DEPTH + "BN(8)" + ")" * MAX_DEPTH,
            "BN(8)",
            f"more than {MAX_DEPTH} blocks within",
        ),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text: str, at: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        Architecture.parse(text)
    for part in message.split(": expected "):
        assert part in str(caught.value)
    if isinstance(caught.value, ArchitectureError) and at:
        assert text[caught.value.position :].startswith(at), text[caught.value.position :]


def test_nesting_has_a_bound_below_that_of_python() -> None:
    deepest = "ConvKX(3,8,3,1)" + "Sequential(" * (MAX_DEPTH - 1) + "BN(8)" + ")" * (MAX_DEPTH - 1)
    assert str(Architecture.parse(deepest)) == deepest
    for text in ("Sequential(" * 5000, "ConvKX(3,8,3,1)" * 2000, "RELU(3)" * 9000):
        with pytest.raises(ArchitectureError):
            Architecture.parse(text)


def test_damaged_texts_are_refused_or_read_but_never_crash() -> None:
    rng = Random(2)
    letters = "()|;,0123456789" * 3 + "ConvKXBNRELUSequentialResBlockFlatten "
    for _ in range(1500):
        text = random_text(rng)
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(text))
            text = text[:place] + rng.choice(letters) + text[place + rng.randrange(2) :]
        try:
            arch = Architecture.parse(text)
        except UserError as error:
            position = error.position if isinstance(error, ArchitectureError) else 0
        else:
            position = 0
            assert Architecture.parse(str(arch)) == arch
        assert 0 <= position <= len(text)


def test_grouped_convolutions_of_every_name() -> None:
    for groups in GROUPS:
        text = f"ConvKX(3,32,3,1)ConvKXG{groups}(32,64,3,1)"
        assert Architecture.parse(text).num_params(1) == 27 * 32 + 64 * 32 // groups * 9 + 65
