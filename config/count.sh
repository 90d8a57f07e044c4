#!/usr/bin/env bash
# Numbers of the structure, one a line: `config/count.sh [CHECKOUT]`. To compare, run it on two checkouts.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"
main() { git ls-files -- "$@" | grep '/src/main/java/.*\.java$'; }
code() { xargs cat | grep -cvE '^[[:space:]]*($|//|/?\*)' || true; }
printf '%-58s %7d\n' \
  'lines of main code, without blank lines and comments' "$(main . | code)" \
  '  of them: spi' "$(main spi | code)" \
  '  of them: framework-core' "$(main framework-core | code)" \
  '  of them: plugins' "$(main plugins | code)" \
  '  of them: harness and examples' "$(main harness examples | code)" \
  'public top-level types of framework-core' \
    "$(main framework-core | xargs grep -lE '^public (abstract |final |sealed |non-sealed )*(class|interface|record|enum|@interface) ' | wc -l)" \
  'top-level types of framework-core' "$(main framework-core | grep -cv package-info)" \
  'types in the root package of spi' "$(main spi | grep -E 'dev/forebay/spi/[A-Z][A-Za-z]*\.java$' | wc -l)" \
  'hand-written copies of a record (new X(all, its, components))' \
    "$(main . | xargs awk 'FNR==1 {depth=0} /return new Options\(/ {n++} END {print n+0}')" \
  'files of main code over 400 lines' "$(main . | xargs wc -l | awk '$2 != "total" && $1 > 400' | wc -l)" \
  'wordings that only get fewer (config/wording.txt)' "$(awk '!/^#/ && NF {for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) {n += $i; break}} END {print n + 0}' config/wording.txt 2>/dev/null || echo 0)"
