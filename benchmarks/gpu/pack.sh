#!/bin/sh
# Fill .gpu-pack/ (26 MB, ignored by git) with what check.py needs on a machine without a network: the wheels that a machine
# with PyTorch and Lightning lacks, the golden files, CIFAR-10 as JPEGs, and the commit. Run it where there is a network:
#     sh benchmarks/gpu/pack.sh [FOLDER OF golden/ AND data/]
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3} # any with pip: the wheels are pure Python
shared=${1:-../shared}
pack=.gpu-pack
rm -rf "$pack"
mkdir -p "$pack/wheels" "$pack/golden" "$pack/data"
for name in hydra-core omegaconf antlr4-python3-runtime; do
    # As pinned. The last is published as source alone, so it is built; all three are pure Python, for any machine.
    pinned=$(sed -n "s/^\($name==[0-9.]*\).*/\1/p" requirements.txt)
    "$python" -m pip wheel --quiet --no-deps --wheel-dir "$pack/wheels" "$pinned"
done
if [ -d "$shared/golden" ]; then
    cp "$shared"/golden/* "$pack/golden/"
    cp "$shared/data/cifar10-jpeg.tar.gz" "$pack/data/"
else
    echo "no $shared/golden: without CIFAR-10, two stages are left out" >&2
fi
chmod -R u+w "$pack"
git describe --always --dirty >"$pack/commit"
du -sh "$pack"
