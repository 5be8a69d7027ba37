"""A super-block family of a user's own, from registration to its scores: one class, one decorator."""

import pickle

import pytest
import torch

import zen_lightning as zl
from zen_lightning.arch import Conv, SuperBlock, Unit, families, super_block


@super_block("TestSandwichK{kernel_size}G{groups}", kernel_size=(3, 5), groups=(1, 2))
class Sandwich(SuperBlock):
    """Per sub-layer a 1 x 1 convolution and a grouped k x k one."""

    arguments = ("in_channels", "out_channels", "stride", "middle_channels", "sub_layers")

    middle_channels: int
    kernel_size: int
    groups: int

    def expand(self) -> tuple[Unit, ...]:
        units: list[Unit] = []
        channels, stride = self.in_channels, self.stride
        for _ in range(self.sub_layers):
            units.append(Conv(channels, self.middle_channels, 1))
            units.append(Conv(self.middle_channels, self.out_channels, self.kernel_size, stride, groups=self.groups))
            channels, stride = self.out_channels, 1
        return tuple(units)


TEXT = "SuperConvK3BNRELU(3,16,1,1)TestSandwichK5G2(16,24,2,12,2)SuperResK3K3(24,32,2,16,1)"


def test_every_variant_has_a_name() -> None:
    assert {f"TestSandwichK{k}G{g}" for k in (3, 5) for g in (1, 2)} <= set(families.names())


def test_text() -> None:
    arch = zl.Architecture.parse(TEXT)
    assert str(arch) == TEXT
    assert arch.num_layers == 4
    assert pickle.loads(pickle.dumps(arch)) == arch
    with pytest.raises(zl.ArchitectureError, match="middle_channels of TestSandwichK5G2"):
        zl.Architecture.parse("TestSandwichK5G2(3,24,2,0,2)")
    with pytest.raises(zl.ArchitectureError, match="did you mean 'TestSandwichK5G2'"):
        zl.Architecture.parse("TestSandwichK5g2(3,24,2,12,2)")


def test_counts() -> None:
    arch = zl.Architecture.parse("TestSandwichK5G2(3,24,2,12,2)")
    weights = (3 * 12, 6 * 24 * 25, 24 * 12, 6 * 24 * 25)
    assert arch.num_params(10) == sum(weights) + 2 * (12 + 24) * 2 + 24 * 10 + 10
    assert arch.flops(8, 10) == weights[0] * 64 + sum(weights[1:]) * 16 + 24 * 10


def test_network() -> None:
    arch = zl.Architecture.parse(TEXT)
    network = zl.build_network(arch, num_classes=10)
    assert network(torch.zeros(2, 3, 16, 16)).shape == (2, 10)
    assert sum(parameter.numel() for parameter in network.parameters()) == arch.num_params(10)


@pytest.mark.parametrize("bn_variance", ["batch", "running"])
def test_both_scores_agree(bn_variance: str) -> None:
    arch = zl.Architecture.parse(TEXT)
    closed = zl.zen_score(arch, 16, bn_variance=bn_variance)
    sampled = zl.zen_score(arch, 16, estimator="monte_carlo", bn_variance=bn_variance, batch_size=8, repeats=8)
    assert closed == pytest.approx(sampled, rel=0.02)


def test_a_name_belongs_to_one_family() -> None:
    class Intruder(Sandwich):
        pass

    with pytest.raises(ValueError, match=r"'TestSandwichK3G1' already belongs to .*Sandwich"):
        super_block("TestSandwichK3G1")(Intruder)
    with pytest.raises(ValueError, match=r"'SuperResK3K3' already belongs to .*SuperResKK"):
        super_block("SuperResK3K3")(Intruder)
    assert families["TestSandwichK3G1"].__bases__ == (Sandwich,)
