"""Measure everything that docs/performance.md shows, and print its tables in Markdown; about ten minutes on two idle cores.

Run with the Python of an environment with `pip install '.[bench]'` that holds pandas and pyspark, too:
`python benchmarks/performance.py --svg docs/growth.svg > tables.md`. Each section is a benchmark of its own, whose
docstring says what it measures; `--only` chooses some.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

BENCHMARKS_FOLDER = Path(__file__).parent
MILLION = 1_000_000
PACKAGES = (
    "luminaldb",
    "polars",
    "duckdb",
    "pandera",
    "frictionless",
    "dataframely",
    "pointblank",
    "pandas",
    "pyspark",
)


def sections(rows: int, runs: int, svg: Path | None) -> dict[str, list[str]]:
    """Return the command of each section, by its title; with few rows each runs once and small."""
    is_full_size = rows >= MILLION
    few_runs = str(min(runs, 3))
    # The test of this program measures narrow tables.
    widths = ["400", "1000", "2000", "5000"] if is_full_size else ["20", "40"]
    growth = ["--huge"] if is_full_size else ["--sizes", str(rows)]
    return {
        "Rows": ["validate.py", "--rows", str(rows), "--runs", str(runs)],
        "All findings": ["findings.py", "--rows", str(rows), "--runs", few_runs, "--limits", "0"],
        "Findings at the default limit": [
            "findings.py",
            "--rows",
            str(rows),
            "--runs",
            "1",
            "--limits",
            "10000",
            "--formats",
            "text",
            "sarif",
        ],
        "Columns": ["many_columns.py", "--columns", *widths, "--runs", few_runs],
        "Growth": ["growth.py", "--runs", few_runs, *growth, *(["--svg", str(svg)] if svg else [])],
        "Start-up": ["startup.py", "--markdown", "--runs", few_runs, "--without", "pandas", "pyspark"],
        "Start-up where pandas and pyspark are installed": ["startup.py", "--markdown", "--runs", few_runs],
    }


def describe_machine() -> Iterator[str]:
    """Describe the machine and the versions of the packages that are compared."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    yield f"{time.strftime('%d %B %Y')}: {platform.platform()}, {os.cpu_count()} cores, {memory:.0f} GB, load {load};"
    yield f"Python {platform.python_version()}, {', '.join(package_versions())}."


def package_versions() -> Iterator[str]:
    """Name the packages that are installed, with their versions."""
    for name in PACKAGES:
        try:
            yield f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"{name} from the checkout" if name == "luminaldb" else f"no {name}"


def main() -> None:
    """Run every benchmark and print a section for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=MILLION, help="fewer than a million measure nothing: for a try")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--svg", type=Path, help="where to draw the growth")
    parser.add_argument("--only", nargs="*", help="titles of sections; all where omitted")
    options = parser.parse_args()
    start = time.monotonic()
    print("\n".join(describe_machine()), flush=True)
    for title, command in sections(options.rows, options.runs, options.svg).items():
        if options.only and title not in options.only:
            continue
        print(f"\n## {title}\n", flush=True)
        subprocess.run([sys.executable, "-W", "ignore", str(BENCHMARKS_FOLDER / command[0]), *command[1:]], check=True)
    print(f"\nMeasured in {(time.monotonic() - start) / 60:.0f} minutes.")


if __name__ == "__main__":
    main()
