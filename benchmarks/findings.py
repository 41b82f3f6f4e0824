"""What a table with a million and a half findings costs in each report format, against the same table without one.

Run with the Python of an environment with `pip install '.[bench]'`: `python benchmarks/findings.py`. Each run is a process
of its own, `luminaldb validate --max-findings N --format F --out FILE`; seconds are medians of runs in turns, CPU seconds
those of all threads, from which the ratio is.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from compiled_modules import keep_compiled_modules
from generated_table import COLUMNS, write

FORMATS = ("text", "json", "sarif", "github", "junit", "html")
MAIN = "import sys; from luminaldb.__main__ import main; sys.argv[0] = 'luminaldb'; main()"


def break_cells(folder: Path) -> Path:
    """Make three of each two cells of `arm` and `age` wrong: every arm is unknown, every other age too low."""
    file = folder / "samples.csv"
    frame = pl.read_csv(file, infer_schema=False)
    half = pl.int_range(pl.len()) % 2 == 0
    age = pl.when(half).then(pl.lit("17")).otherwise("age").alias("age")
    frame.with_columns(("arm " + pl.int_range(pl.len()).cast(pl.String)).alias("arm"), age).select(COLUMNS).write_csv(
        file
    )
    return folder


def run(folder: Path, to: str, limit: int, out: Path) -> tuple[float, float, float, int]:
    """Validate once: seconds, CPU seconds, peak of memory in MB, bytes of the report."""
    options = ["validate", str(folder), "--max-findings", str(limit), "--format", to, "--out", str(out), "--force"]
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    seconds = time.perf_counter() - start
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.stat().st_size


def main() -> None:
    """Measure and print a table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limits", type=int, nargs="*", default=[10_000, 0])
    parser.add_argument("--formats", nargs="*", default=FORMATS)
    options = parser.parse_args()
    print("| findings listed | format | seconds | CPU seconds | of the clean table | ratio | peak MB | report MB |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        keep_compiled_modules(Path(temporary) / "bytecode")
        clean = write(Path(temporary) / "clean", options.rows, broken=False)
        broken = break_cells(write(Path(temporary) / "spoilt", options.rows, broken=False))
        out = Path(temporary) / "report"
        for to in options.formats:
            run(write(Path(temporary) / "small", 1000, broken=True), to, 0, out)
        for limit in options.limits:
            for to in options.formats:
                runs = [(run(clean, "text", limit, out), run(broken, to, limit, out)) for _ in range(options.runs)]
                clean_cpu_seconds, cpu_seconds = (
                    statistics.median(side[1] for side in sides) for sides in zip(*runs, strict=True)
                )
                seconds = statistics.median(broken_run[0] for _, broken_run in runs)
                peak, size = max(broken_run[2] for _, broken_run in runs), runs[0][1][3] / 1e6
                name = f"{limit:,} of a rule" if limit else "all"
                times = f"{seconds:.2f} | {cpu_seconds:.2f} | {clean_cpu_seconds:.2f} | {cpu_seconds / clean_cpu_seconds:.2f}"
                print(f"| {name} | {to} | {times} | {peak:.0f} | {size:.1f} |", flush=True)


if __name__ == "__main__":
    main()
