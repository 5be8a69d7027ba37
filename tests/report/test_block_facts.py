"""What is said of each part of a network."""

import pytest

from zen_lightning.arch import parse_architecture
from zen_lightning.report.block_facts import block_facts


@pytest.mark.parametrize(
    ("text", "labels", "kinds"),
    [
        (
            "SuperConvK3BNRELU(3,8,2,1)MBConvE6K5(8,16,2,2)MBConvE3K3SE(16,16,1,1)ConvK1BN(16,24,1,1)PreResK3K3(24,24,1,1)",
            ["k3", "k5 e6", "k3 e3 se", "k1", "k3", "classifier"],
            ["conv", "mbconv", "mbconv SE", "linear conv", "pre-activation", "classifier"],
        ),
        ("01000000", ["k3", "k1", "k3 e3", "k1", "k1", "k1", "classifier"], None),
    ],
)
def test_labels(text: str, labels: list[str], kinds: list[str] | None) -> None:
    facts = block_facts(parse_architecture(text), 32, 10)
    assert [fact.label for fact in facts] == labels
    assert kinds is None or [fact.kind for fact in facts] == kinds
