#!/bin/sh
# Runs every check and every test: style, types, contracts, then pytest on SQLite, PostgreSQL and in real browsers
# (Chromium; the way of a resident also in Firefox and WebKit).
set -eu
missing=""
[ -x /usr/bin/firefox-esr ] || missing="$missing firefox-esr"
[ -x /usr/bin/WebKitWebDriver ] || missing="$missing webkit2gtk-driver"
[ -x /usr/bin/xvfb-run ] || missing="$missing xvfb xauth"
[ -x /usr/bin/chromium ] || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -x /usr/bin/pdftotext ] || missing="$missing poppler-utils"
[ -x /usr/bin/softhsm2-util ] || missing="$missing softhsm2"
fc-list 2>/dev/null | grep -qi "noto sans cjk" || missing="$missing fonts-noto-cjk fontconfig"
fc-list :lang=hi 2>/dev/null | grep -q . || missing="$missing fonts-lohit-deva"
fc-list :lang=th 2>/dev/null | grep -q . || missing="$missing fonts-tlwg-loma-otf"
fc-list :lang=ar 2>/dev/null | grep -q . || missing="$missing fonts-dejavu-core"
if [ -n "$missing" ]; then
    echo "installing:$missing"
    apt-get update -qq
    # shellcheck disable=SC2086
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
.venv/bin/ruff check .
.venv/bin/mypy
.venv/bin/lint-imports
exec .venv/bin/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder "$@"
