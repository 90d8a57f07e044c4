#!/usr/bin/env bash
# Builds this plugin in a copy outside the repository from installed artifacts, has its contract checked, and gives it a row
# in a comparison. Needs mvn install -Dquick before, and the command forebay: of this repository, or named by FOREBAY.
# Arguments are Maven's, such as -o.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
forebay=${FOREBAY:-$here/../../forebay}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cp -r "$here/pom.xml" "$here/src" "$here/scenario.yaml" "$folder"
cd "$folder"
mvn --batch-mode --quiet "$@" package
mkdir jars
cp target/*.jar jars
$forebay plugins soonest --plugins jars
$forebay compare scenario.yaml --plugins jars --seeds 2 --combination mine --combination least-connections
