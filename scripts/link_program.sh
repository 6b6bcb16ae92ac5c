#!/bin/sh
# Link the program that $1 is named after; install the package of its name if the machine has none
# and apt may be used.
set -e

program=$(basename "$1")
if ! command -v "$program" >/dev/null && command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo -n"; fi
    if [ -z "$as_root" ] || sudo -n true 2>/dev/null; then
        $as_root apt-get update -qq || true  # the list may be recent enough
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq "$program" >/dev/null || true
    fi
fi
found=$(command -v "$program") || {
    echo "make: no $program found; the tests need it" >&2
    exit 1
}
mkdir -p "$(dirname "$1")"
ln -sf "$found" "$1"
