#!/usr/bin/env bash
# Builds the guide as a book in target/book, and checks every link between the pages of the repository.
set -euo pipefail
cd "$(dirname "$0")/.."

VERSION=0.5.4
TOOLS=$PWD/target/tools
export PATH=$TOOLS/bin:$PATH

if [ "$(mdbook --version 2>/dev/null)" != "mdbook v$VERSION" ]; then
  cargo install --quiet --root "$TOOLS" --version "$VERSION" --no-default-features mdbook
fi
mdbook build docs
python3 ci/links.py
