#!/bin/sh
# Sets up whatever is missing: virtual environment, package, libmpv, with "dev" what the tests need, with "bench" a profiler.
# Usage: scripts/setup.sh run|dev|bench
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
venv=${PARLOUR_VENV:-.venv}

say() { printf 'setup: %s\n' "$*" >&2; }

find_python() {
    for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3 python; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
    say "Parlour needs Python 3.11 or newer, and there is none here. Debian: apt-get install python3; macOS: brew install python"
    exit 1
}

# What may install packages of the system: root, sudo without a question, or brew.
apt() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" = 0 ]; then as=""; elif sudo -n true 2>/dev/null; then as="sudo"; else return 1; fi
    say "installing $*"
    DEBIAN_FRONTEND=noninteractive $as apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 ||
        { $as apt-get update -qq >/dev/null 2>&1 || true
          DEBIAN_FRONTEND=noninteractive $as apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; }
}

python=$(find_python)

if ! [ -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
    say "making the virtual environment $venv"
    rm -rf "$venv"
    if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
        rm -rf "$venv"
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt "python$version-venv" || apt python3-venv || true
        "$python" -m venv "$venv" || {
            say "the virtual environment cannot be made. Type: sudo apt-get install python3-venv"
            exit 1
        }
    fi
fi

case $kind in dev) extras=platform,dev ;; bench) extras=platform,dev,bench ;; *) extras=platform ;; esac
stamp="$venv/.parlour-$kind"
wanted=$(cksum pyproject.toml)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    say "installing Parlour and what it needs (a minute or two, once)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[$extras]"
    printf '%s\n' "$wanted" >"$stamp"
    # The tests' environment also serves to run the program.
    [ "$kind" = run ] || printf '%s\n' "$wanted" >"$venv/.parlour-run"
fi

# A program that is compiled at every start is slow to start, and some environments forbid Python to keep what it compiled.
"$venv/bin/python" -m compileall -q api_client server themes tui widgets || true

if ! "$venv/bin/python" -c '
import ctypes.util, glob, sys
sys.exit(not (ctypes.util.find_library("mpv") or glob.glob("/opt/homebrew/lib/libmpv*") or glob.glob("/usr/local/lib/libmpv*")))'
then
    if apt libmpv2 || apt libmpv1; then :
    elif command -v brew >/dev/null 2>&1; then
        say "installing mpv"
        brew install --quiet mpv >/dev/null 2>&1 || true
    else
        case $(uname) in
            Darwin) say "there is no libmpv: music will be silent. Type: brew install mpv" ;;
            *) say "there is no libmpv: music will be silent. Type: sudo apt-get install libmpv2" ;;
        esac
    fi
fi

if [ "$kind" = dev ]; then
    # A real Secret Service, a desktop that drives players, a sound server and a real terminal: the tests that need them say so where they are missing.
    command -v gnome-keyring-daemon >/dev/null 2>&1 && command -v dbus-run-session >/dev/null 2>&1 ||
        apt gnome-keyring dbus || say "no gnome-keyring: the keyring tests cannot run. Type: sudo apt-get install gnome-keyring dbus"
    command -v playerctl >/dev/null 2>&1 ||
        apt playerctl || say "no playerctl: the tests of the desktop cannot run. Type: sudo apt-get install playerctl"
    command -v pulseaudio >/dev/null 2>&1 && command -v pactl >/dev/null 2>&1 || apt pulseaudio pulseaudio-utils ||
        say "no pulseaudio: the tests of a sound device that goes cannot run. Type: sudo apt-get install pulseaudio pulseaudio-utils"
    command -v tmux >/dev/null 2>&1 || apt tmux || say "no tmux: the terminal tests cannot run. Type: sudo apt-get install tmux"
fi
