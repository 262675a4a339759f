#!/bin/sh
# Sees to a Chromium for the browser tests: finds one, installs it, or says how.
# Fails only in CI; elsewhere the browser tests are skipped without it.

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null \
        && apt-get install -y -qq --no-install-recommends chromium >/dev/null \
        && exit 0
fi
echo "No Chromium here: the browser tests need one." >&2
echo "On Debian, as root: apt-get install chromium" >&2
[ -z "$CI" ]
