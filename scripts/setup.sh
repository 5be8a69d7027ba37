#!/bin/sh
# Make the environment in .venv from the pinned requirements: `make setup`. Needs python3 with pip, nothing else: no venv
# package, no root, no git. Runs again only when the requirements change.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
stamp=.venv/.ready
if [ -f "$stamp" ] && [ "$stamp" -nt requirements.txt ] && [ "$stamp" -nt pyproject.toml ]; then
    exit 0
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "zen-lightning needs Python 3.11 or newer; $python is $("$python" --version 2>&1). Set PYTHON=/path/to/python3.11" >&2
    exit 1
}
echo "setting up .venv (once; downloads PyTorch, some GB)" >&2
# uv, in a folder of its own: the system's Python is not touched, whatever its distribution allows.
if ! .tools/bin/uv --version >/dev/null 2>&1; then
    "$python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location --upgrade --target .tools uv
fi
# uv does not read pip's configuration: hand on a mirror that is set there.
mirror=$("$python" -m pip config get global.index-url 2>/dev/null || true)
if [ -n "$mirror" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    UV_DEFAULT_INDEX=$mirror
    export UV_DEFAULT_INDEX
fi
UV_LINK_MODE=${UV_LINK_MODE:-copy}
export UV_LINK_MODE
[ -x .venv/bin/python ] || .tools/bin/uv venv --quiet --python "$python" .venv
.tools/bin/uv pip install --quiet --python .venv/bin/python --requirements requirements.txt
.tools/bin/uv pip install --quiet --python .venv/bin/python --no-deps --editable .
touch "$stamp"
