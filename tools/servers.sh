#!/bin/sh
# Sees to the servers that tests start privately: finds them, installs them, or says how.
# Fails only in CI; elsewhere the tests that need one are skipped without it.

missing=""
command -v rabbitmq-server >/dev/null 2>&1 || [ -x /usr/sbin/rabbitmq-server ] \
    || missing="$missing rabbitmq-server"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
command -v prometheus >/dev/null 2>&1 || missing="$missing prometheus"
[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing$missing for the tests ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null \
        && apt-get install -y -qq --no-install-recommends $missing >/dev/null \
        && exit 0
fi
echo "Not here, though tests need it:$missing." >&2
echo "On Debian, as root: apt-get install$missing" >&2
[ -z "$CI" ]
