#!/usr/bin/env bash
# Writes docs/quality.md: what is counted from the tables, then what benchmarks/typos.py measures (about half a minute).
set -euo pipefail
cd "$(dirname "$0")/.."
{
  .venv/bin/luminaldb quality --markdown
  printf '\n<!-- measured -->\n\n## Typing errors caught\n\nMeasured by `benchmarks/typos.py`: one error at a time in clean rows of the effects table. What no rule can see is a\nright number of the wrong thing; that is what second reads are for.\n\n'
  .venv/bin/python benchmarks/typos.py --tries 5000
} > docs/quality.md.new
mv docs/quality.md.new docs/quality.md
