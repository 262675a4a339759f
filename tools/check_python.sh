#!/bin/sh
# Says clearly when the Python that make was given cannot run Docmill.
# Usage: tools/check_python.sh PYTHON
python=$1

if ! command -v "$python" >/dev/null 2>&1; then
    echo "Docmill needs Python 3.11 or newer, and there is no '$python' here." >&2
    echo "Install one, or name it: make PYTHON=/path/to/python3.11 ..." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Docmill needs Python 3.11 or newer; '$python' is $("$python" -V 2>&1)." >&2
    echo "Install one, or name it: make PYTHON=python3.11 ..." >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "'$python' cannot make virtual environments: its venv module is missing." >&2
    echo "On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
fi
