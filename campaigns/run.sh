#!/bin/sh
# All campaigns at full size, one after another; their figures go to outputs/campaigns/. Ends with 1 if any found a fault.
cd "$(dirname "$0")/.." || exit 1
python=${PYTHON:-.venv/bin/python}
seed=${SEED:-0}
failed=0
run() {
    name=$1
    shift
    echo "== $name"
    OMP_NUM_THREADS=1 "$python" "campaigns/$name.py" --seed "$seed" --output "outputs/campaigns/$name.json" "$@" || failed=1
}
run damage --count 20000
run yaml_files --count 2000
run commands --count 10000
run images --count 8000
run folders --count 200
run kills --count 200
run disks --count 40
run downloads --count 2000
run pages
exit $failed
