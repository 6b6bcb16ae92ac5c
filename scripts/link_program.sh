#!/bin/sh
# Link a program to $1. The further arguments are its names; without any, it has the name of $1.
# Install the package of the first name if the machine has none of them and apt may be used.
set -e

target=$1
shift
[ $# -gt 0 ] || set -- "$(basename "$target")"

found() {
    for name in "$@"; do
        command -v "$name" && return
    done
    return 1
}

if ! found "$@" >/dev/null && command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo -n"; fi
    if [ -z "$as_root" ] || sudo -n true 2>/dev/null; then
        $as_root apt-get update -qq || true  # the list may be recent enough
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq "$1" >/dev/null || true
    fi
fi
found "$@" >/dev/null || {
    echo "make: none of these programs is found, and the tests need one: $*" >&2
    exit 1
}
mkdir -p "$(dirname "$target")"
ln -sf "$(found "$@")" "$target"
