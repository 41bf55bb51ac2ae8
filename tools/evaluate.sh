#!/bin/sh
# Installs what the readers are compared with (tesseract, and RapidOCR in an environment of its own), and measures.
set -eu
missing=""
[ -x /usr/bin/tesseract ] || missing="$missing tesseract-ocr tesseract-ocr-chi-sim"
fc-list | grep -qi "ocr b" || missing="$missing fonts-ocr-b"
fc-list | grep -qi "liberation" || missing="$missing fonts-liberation"
fc-list | grep -qi "noto sans cjk" || missing="$missing fonts-noto-cjk fontconfig"
if [ -n "$missing" ]; then
    echo "installing:$missing"
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
if ! cmp -s tools/peers/requirements.lock var/peers/installed.lock; then
    .venv/bin/python -m venv --clear var/peers
    if [ -x .venv/bin/uv ]; then
        .venv/bin/uv pip install --quiet --python var/peers/bin/python --require-hashes -r tools/peers/requirements.lock
    else
        var/peers/bin/python -m pip install --quiet --require-hashes -r tools/peers/requirements.lock
    fi
    cp tools/peers/requirements.lock var/peers/installed.lock
fi
exec .venv/bin/python tools/evaluate.py "$@"
