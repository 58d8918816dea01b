#!/bin/bash
# Makes the benchmark's own virtual environment once, then runs a script of this folder in it.
# Usage: Benchmarks/run.sh [compare.py | agree.py] [OPTION...]      (default: compare.py)
set -euo pipefail
cd "$(dirname "$0")"

if [ ! -e .venv/complete ]; then
  python3 -m venv .venv || {
    echo "run.sh: python3 cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
    exit 1
  }
  .venv/bin/pip install --quiet --disable-pip-version-check --retries 2 --timeout 15 \
    -r requirements.txt
  touch .venv/complete
fi

script=compare.py
case "${1:-}" in
  *.py) script=$1; shift ;;
esac
here=$PWD
cd "$OLDPWD"
exec "$here/.venv/bin/python" "$here/$script" "$@"
