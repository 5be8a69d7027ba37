#!/bin/sh
# All campaigns at full size, one after another; their figures go to outputs/campaigns/. Ends with 1 if any found a fault.
cd "$(dirname "$0")/.." || exit 1
python=${PYTHON:-.venv/bin/python}
seed=${SEED:-0}
failed=0
run() {
    name=$1 of=$1
    shift
    case "$*" in *"--odd 2"*) of=$name-2 ;; esac
    echo "== $name"
    OMP_NUM_THREADS=1 "$python" "campaigns/$name.py" --seed "$seed" --output "outputs/campaigns/$of.json" "$@" || failed=1
}
run damage --count 20000
run odd_files
run yaml_files --count 2000
run commands --count 10000
run commands --count 2000 --odd 2
run odd_runs --count 500
run odd_runs --count 400 --odd 2
run images --count 8000
run folders --count 200
run kills --count 200
run disks --count 40
run downloads --count 2000
run pages
exit $failed
