#!/usr/bin/env bash
# Builds the pom.xml of the README with its first gateway in an empty folder outside the repository.
# Needs mvn install -Dquick before. Arguments are Maven's, such as -o.
set -euo pipefail

home=$(cd "$(dirname "$0")/.." && pwd -P)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The first block of code after the line that begins so.
block() {
  awk -v mark="$1" '!found {found = index($0, mark) == 1; next} !inside {inside = /^```/; next} /^```/ {exit} {print}' \
    "$home/README.md"
}

mkdir -p "$folder/src/main/java"
block '<!-- pom -->' >"$folder/pom.xml"
block '<!-- quote: examples/src/main/java/dev/forebay/examples/FirstGateway.java#program' \
  >"$folder/src/main/java/FirstGateway.java"
(cd "$folder" && mvn --batch-mode --quiet "$@" package)
ls "$folder"/target/*.jar >/dev/null
echo "the README's pom.xml builds in an empty folder"
