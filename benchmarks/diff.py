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


def spoil(folder: Path, rows: int) -> tuple[int, int, int]:
    """Revise, remove and add one row in a hundred each; give how many."""
    file = folder / "samples.csv"
    frame = pl.read_csv(file, infer_schema=False).with_row_index("n")
    come = frame.filter(pl.col("n") % 100 == 5).with_columns(pl.lit("N").add(pl.col("sample_id")).alias("sample_id"))
    revised = pl.when(pl.col("n") % 100 == 3).then(pl.lit("999.9")).otherwise("weight_kg").alias("weight_kg")
    kept = frame.filter(pl.col("n") % 100 != 7).with_columns(revised)
    pl.concat([kept, come]).drop("n").write_csv(file)
    return (rows // 100,) * 3


def cpu() -> float:
    """Return the seconds that processes started from here have worked: on a busy machine they wait for longer."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        old = write(Path(folder) / "old", options.rows, broken=False)
        new = write(Path(folder) / "new", options.rows, broken=False)
        wanted = spoil(new, options.rows)
        met = True
        for to in ("text", "json", "html"):
            command = [sys.executable, "-m", "luminaldb", "diff", str(old), str(new), "--format", to, "--limit", "0"]
            times, worked = [], cpu()
            for _ in range(options.runs):
                start = time.perf_counter()
                output = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout
                times.append(time.perf_counter() - start)
            if to == "json":
                table = next(t for t in json.loads(output)["tables"] if t["table"] == "samples")
                found = tuple(len(table[kind]) for kind in ("revised", "removed", "added"))
                assert found == wanted, (found, wanted)  # noqa: S101
            seconds = statistics.median(times)
            met = met and seconds < BAR_SECONDS
            work = (cpu() - worked) / options.runs
            print(f"{options.rows:,} rows each, {to}: {seconds:.2f} s, {work:.2f} s of work (bar {BAR_SECONDS:g} s)")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
