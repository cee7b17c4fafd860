#!/bin/sh
# Installs one lock file (chat, studio or dev) into .venv/ of the checkout; does nothing where it is there already.
set -eu
cd "$(dirname "$0")/.."
set_name=$1

# a wider set holds the narrower ones, in the same versions
case $set_name in chat) holders='chat studio dev' ;; studio) holders='studio dev' ;; *) holders=$set_name ;; esac
for holder in $holders; do
    if cmp -s "requirements/$holder.txt" ".venv/installed-$holder" && .venv/bin/python -c '' 2>/dev/null; then
        exit 0
    fi
done

# a name on PATH may be a shim that does not run, a version out of range, or a Python that cannot install anything
usable='import sys; from importlib.util import find_spec as f
sys.exit(not ((3, 11) <= sys.version_info < (3, 14) and f("venv") and (f("ensurepip") or f("pip"))))'
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
    if "$python" -c "$usable" >/dev/null 2>&1; then
        exec "$python" requirements/install.py "$set_name"
    fi
done
echo 'No Python from 3.11 to 3.13 with pip was found. Install one, or name it: make PYTHON=/path/to/python3.12 ...' >&2
exit 1
