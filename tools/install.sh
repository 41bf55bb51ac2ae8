#!/bin/sh
# Installs a locked list into .venv: with uv where it could be had, else with pip.
set -eu
if [ -x .venv/bin/uv ]; then
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r "$1"
else
    .venv/bin/python -m pip install --quiet --require-hashes -r "$1"
fi
