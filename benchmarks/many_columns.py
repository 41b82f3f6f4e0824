"""Tables of a thousand rows and thousands of columns: seconds against the number of columns, beside frictionless.

Run with the Python of an environment with `pip install '.[bench]'`: `python benchmarks/many_columns.py`. Seconds are
medians of whole processes, run in turns, start-up and imports included; CPU seconds are those of all threads.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from compiled_modules import keep_compiled_modules

ROWS = 1_000
OURS = "import sys; from luminaldb.schemas.validate import validate; assert validate(sys.argv[1], engine={!r}).ok"
FRICTIONLESS = "import sys; from frictionless import validate; assert validate(sys.argv[1] + '/datapackage.json').valid"


def write(folder: Path, columns: int) -> Path:
    """Write a package of one table: a third of its columns are integers, numbers and strings, each with a limit."""
    kinds = ("integer", "number", "string")
    limits: dict[str, dict[str, object]] = {
        "integer": {"minimum": 0},
        "number": {"maximum": 1e6},
        "string": {"maxLength": 9},
    }
    fields = [
        {"name": f"c{n}", "type": kinds[n % 3], "constraints": {"required": True, **limits[kinds[n % 3]]}}
        for n in range(columns)
    ]
    row = pl.int_range(ROWS, eager=True)
    cells = (row, row / 8, "s" + row.cast(pl.String))
    pl.DataFrame({f"c{n}": cells[n % 3] for n in range(columns)}).write_csv(folder / "wide.csv")
    resource = {"name": "wide", "type": "table", "path": "wide.csv", "schema": {"fields": fields}}
    descriptor = {"name": "wide", "resources": [resource]}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return folder


def run(code: str, folder: Path) -> tuple[float, float]:
    """Run code in a process of its own: seconds, CPU seconds."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code, str(folder)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed on {folder}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure and print a table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--columns", type=int, nargs="*", default=[500, 1_000, 2_000, 5_000])
    parser.add_argument("--engines", nargs="*", default=["polars", "duckdb"], help="Spark's own process isn't counted")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slow-runs", type=int, default=1, help="runs of frictionless")
    options = parser.parse_args()
    ours = [OURS.format(engine) for engine in options.engines]
    names = [*(f"luminaldb, {engine}" for engine in options.engines), "frictionless"]
    print(f"| columns | {' | '.join(f'{name}, seconds | CPU' for name in names)} |")
    print(f"|---{'|---|---' * len(names)}|")
    with tempfile.TemporaryDirectory() as temporary:
        keep_compiled_modules(Path(temporary) / "bytecode")
        folder = Path(temporary) / "wide"
        folder.mkdir()
        for code in [*ours, FRICTIONLESS]:
            run(code, write(folder, 1))
        for columns in options.columns:
            write(folder, columns)
            times_by_code: dict[str, list[tuple[float, float]]] = {code: [] for code in [*ours, FRICTIONLESS]}
            for run_number in range(options.runs):
                for code in [*ours, FRICTIONLESS] if run_number < options.slow_runs else ours:
                    times_by_code[code].append(run(code, folder))
            times = (
                statistics.median(side) for code in times_by_code for side in zip(*times_by_code[code], strict=True)
            )
            print(f"| {columns:,} | {' | '.join(f'{t:.2f}' for t in times)} |", flush=True)


if __name__ == "__main__":
    main()
