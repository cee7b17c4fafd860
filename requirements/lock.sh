#!/bin/sh
# Renews the lock files: versions and hashes only, never an index's address.
# The widest set is resolved first, so that every narrower one installs the same versions.
set -eu
cd "$(dirname "$0")/.."
compile() {
    .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-header --no-annotate "$@"
}
compile pyproject.toml --group dev -o requirements/dev.txt
compile pyproject.toml --group studio -c requirements/dev.txt -o requirements/studio.txt
compile pyproject.toml -c requirements/dev.txt -o requirements/chat.txt
compile pyproject.toml --group inspect -o requirements/inspect.txt # alone: it wants older libraries
printf 'uv==0.13.9\n' | compile - -o requirements/uv.txt
