#!/usr/bin/env bash
# Builds the pom.xml of the README with its first gateway in an empty folder outside the repository.
# Needs mvn install -Dquick before. Arguments are Maven's, such as -o.
set -euo pipefail

home=$(cd "$(dirname "$0")/.." && pwd -P)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

awk '/^<!-- pom -->/ {found = 1; next} found && /^```xml/ {inside = 1; next} inside && /^```/ {exit} inside' \
  "$home/README.md" >"$folder/pom.xml"
mkdir -p "$folder/src/main/java/com/example"
sed 's/^package .*/package com.example;/' "$home/examples/src/main/java/dev/forebay/examples/FirstGateway.java" \
  >"$folder/src/main/java/com/example/FirstGateway.java"
(cd "$folder" && mvn --batch-mode --quiet "$@" package)
ls "$folder"/target/*.jar >/dev/null
echo "the README's pom.xml builds in an empty folder"
