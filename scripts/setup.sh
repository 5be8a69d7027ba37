#!/bin/sh
# Make the environment in .venv from the pinned requirements: `make setup`. Needs python3 with pip, nothing else: no venv
# package, no root, no git. Runs again only when the requirements change, the folder was moved, or its Python is gone.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
stamp=.venv/.ready
here=$(pwd -P)
made_in=$(cat "$stamp" 2>/dev/null || true)
if [ "$made_in" = "$here" ] && [ -x .venv/bin/python ] && [ "$stamp" -nt requirements.txt ] && [ "$stamp" -nt pyproject.toml ]; then
    exit 0
fi
command -v "$python" >/dev/null || {
    echo "zen-lightning needs Python 3.11 or newer; there is no $python. Set PYTHON=/path/to/python3.11" >&2
    exit 1
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "zen-lightning needs Python 3.11 or newer; $python is $("$python" --version 2>&1). Set PYTHON=/path/to/python3.11" >&2
    exit 1
}
"$python" -c 'import pip' 2>/dev/null || {
    echo "zen-lightning needs pip, and $python has none. On Debian: apt-get install python3-pip" >&2
    exit 1
}
echo "setting up .venv (once; downloads PyTorch, some GB)" >&2
# uv, in a folder of its own: the system's Python is not touched, whatever its distribution allows.
if ! .tools/bin/uv --version >/dev/null 2>&1; then
    PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 "$python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
        --root-user-action ignore --upgrade --target .tools uv
fi
# uv reads neither pip's configuration nor, unasked, the system's certificates: hand on both, for a mirror or a proxy.
pip_setting() { # of pip's configuration, the environment first; `pip config get` would read the user's file alone
    "$python" -m pip config list 2>/dev/null | "$python" -c '
import ast, sys
found = dict(line.rstrip("\n").split("=", 1) for line in sys.stdin if "=" in line)
keys = [section + "." + sys.argv[1] for section in (":env:", "install", "global")]
print(next((ast.literal_eval(found[key]) for key in keys if key in found), ""))' "$1"
}
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    mirror=$(pip_setting index-url)
    [ -z "$mirror" ] || export UV_DEFAULT_INDEX="$mirror"
fi
if [ -z "${SSL_CERT_FILE:-}" ]; then
    cert=$(pip_setting cert)
    [ -z "$cert" ] || export SSL_CERT_FILE="$cert"
fi
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
if [ ! -x .venv/bin/python ] || { [ -n "$made_in" ] && [ "$made_in" != "$here" ]; }; then
    .tools/bin/uv venv --quiet --clear --python "$python" .venv
fi
# Compiled now, once: where PYTHONDONTWRITEBYTECODE is set, as in many containers, each process would compile torch anew (5 s).
.tools/bin/uv pip install --compile-bytecode --python .venv/bin/python --requirements requirements.txt
.tools/bin/uv pip install --quiet --python .venv/bin/python --no-deps --editable .
printf '%s\n' "$here" >"$stamp"
