#!/bin/sh
# Install a wheel with its dependencies alone, no extra, and search, score, train and evaluate with it from an empty folder:
# `sh scripts/without_extras.sh WHEEL FOLDER`. What `make setup` downloaded is taken from uv's cache.
set -eu
requirements=$(cd "$(dirname "$0")/.." && pwd -P)/requirements.txt
uv=$(dirname "$requirements")/.tools/bin/uv
python=$(dirname "$requirements")/.venv/bin/python
wheel=$1 folder=$2
"$uv" venv --quiet --clear --python "$python" "$folder/.venv"
"$uv" pip install --quiet --python "$folder/.venv/bin/python" --constraint "$requirements" "$wheel"
cd "$folder"
unset PYTHONPATH
zen() { .venv/bin/zen-lightning "$@"; }
.venv/bin/python -c "
import importlib.util as modules
extras = ['joblib', 'matplotlib', 'mlflow', 'moocore', 'onnx', 'openvino', 'optuna', 'ray', 'rich', 'submitit', 'tensorboard', 'timm', 'webdataset']
there = [name for name in extras if modules.find_spec(name)]
assert not there, f'these came with the dependencies: {there}'
from zen_lightning.config import conf_dir
assert conf_dir().parent.name == 'zen_lightning', conf_dir()"
zen search=zen budget=params1M search.iterations=500 search.population_size=64 search.finalists=1 output_dir=search
test -s search/best_structure.txt
zen task=score arch=search proxies='[zen,naswot]' output_dir=score
zen task=train arch=search dataset=digits limit=128 recipe.epochs=1 recipe.warmup_epochs=0 trainer=cpu output_dir=train
zen task=evaluate arch=train dataset=digits trainer=cpu output_dir=evaluate
test -s score/result.json && test -s train/weights.safetensors && test -s evaluate/result.json
