"""What a row diff costs: two packages of 100,000 rows and 12 columns, one row in a hundred changed.

Run with the Python of an environment in which luminaldb is installed: `.venv/bin/python benchmarks/diff.py`.
The command line as a user runs it, start-up included; exit code 1 where the bar is not met.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from generated_table import write

BAR_SECONDS = 2.0


def change_rows(folder: Path, rows: int) -> tuple[int, int, int]:
    """Revise, remove and add one row in a hundred each; give how many."""
    file = folder / "samples.csv"
    frame = pl.read_csv(file, infer_schema=False).with_row_index("n")
    added = frame.filter(pl.col("n") % 100 == 5).with_columns(pl.lit("N").add(pl.col("sample_id")).alias("sample_id"))
    revised = pl.when(pl.col("n") % 100 == 3).then(pl.lit("999.9")).otherwise("weight_kg").alias("weight_kg")
    remaining = frame.filter(pl.col("n") % 100 != 7).with_columns(revised)
    pl.concat([remaining, added]).drop("n").write_csv(file)
    return (rows // 100,) * 3


def child_cpu_seconds() -> float:
    """Return the seconds that processes started from here have worked: on a busy machine they wait for longer."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        old = write(Path(folder) / "old", options.rows, broken=False)
        new = write(Path(folder) / "new", options.rows, broken=False)
        expected = change_rows(new, options.rows)
        meets_bar = True
        for to in ("text", "json", "html"):
            command = [sys.executable, "-m", "luminaldb", "diff", str(old), str(new), "--format", to, "--limit", "0"]
            times, cpu_before = [], child_cpu_seconds()
            for _ in range(options.runs):
                start = time.perf_counter()
                output = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout
                times.append(time.perf_counter() - start)
            if to == "json":
                table = next(t for t in json.loads(output)["tables"] if t["table"] == "samples")
                actual = tuple(len(table[kind]) for kind in ("revised", "removed", "added"))
                assert actual == expected, (actual, expected)  # noqa: S101
            seconds = statistics.median(times)
            meets_bar = meets_bar and seconds < BAR_SECONDS
            cpu_seconds = (child_cpu_seconds() - cpu_before) / options.runs
            print(
                f"{options.rows:,} rows each, {to}: {seconds:.2f} s, {cpu_seconds:.2f} s of work (bar {BAR_SECONDS:g} s)"
            )
    return 0 if meets_bar else 1


if __name__ == "__main__":
    sys.exit(main())
