"""Validate a million rows with a primary and a foreign key, side by side with other validators.

Run in an environment with `pip install '.[bench]'`: `python benchmarks/validate.py`. Each contender runs in a process of
its own on a clean and on a broken table; seconds are medians of the clean runs, once of the whole process, start-up
and imports included, and once of the call in a process that has validated a small table before. Memory is the process' peak.
Seconds differ between machines, ratios much less; contenders are measured in turns, so that all share a busy machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compiled_modules import keep_compiled_modules
from contenders import CONTENDERS
from generated_table import Planted, plant_errors, write

BASE = "polars expressions, all text"
SLOW = "frictionless"


@dataclass
class Measured:
    """What was measured of one contender."""

    name: str
    seconds: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    result: dict[str, Any] = field(default_factory=dict)
    clean: dict[str, Any] = field(default_factory=dict)


def run(name: str, folder: Path, *before: Path) -> tuple[float, float, dict[str, Any]]:
    """Run a contender once: seconds of the whole process, its peak memory in MB, its result."""
    start = time.perf_counter()
    script = str(Path(__file__).parent / "contenders.py")
    command = [sys.executable, "-W", "ignore", script, name, str(folder), *map(str, before)]
    process = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds = time.perf_counter() - start
    result = json.loads(process.stdout.splitlines()[-1])
    return seconds, result.pop("peak_mb"), result


def count_errors_named(result: dict[str, Any], errors: list[Planted]) -> str:
    """Return how many of the planted errors an result names, and whether with their rows."""
    if str(result.get("stopped", "")).startswith("ModuleNotFoundError"):
        return "not installed"
    if "stopped" in result:
        return "stops at the first bad cell"
    error_rows = result["found"]
    hits = [e for e in errors if e.column in error_rows or f"{e.rule} {e.column}" in error_rows]
    rows = [e for e in hits if e.row in (error_rows.get(f"{e.rule} {e.column}") or error_rows.get(e.column) or [])]
    return f"{len(hits)} of {len(errors)}" + (", with rows" if hits and len(rows) == len(hits) else "")


def main() -> None:
    """Measure and print a table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slow-runs", type=int, default=1, help="runs of frictionless; 0 leaves it out")
    parser.add_argument("--only", nargs="*", help="names of contenders; all where omitted")
    options = parser.parse_args()
    names = [n for n in CONTENDERS if not options.only or n in (*options.only, BASE)]
    results = {n: Measured(n) for n in names if n != SLOW or options.slow_runs}
    with tempfile.TemporaryDirectory() as temporary:
        keep_compiled_modules(Path(temporary) / "bytecode")
        clean = write(Path(temporary) / "clean", options.rows, broken=False)
        broken = write(Path(temporary) / "broken", options.rows, broken=True)
        small = write(Path(temporary) / "small", 1000, broken=False)
        for name in results:
            run(name, small)
        for run_number in range(options.runs):
            for r in results.values():
                if r.name == SLOW and run_number >= options.slow_runs:
                    continue
                seconds, peak, r.clean = run(r.name, clean)
                r.seconds.append(seconds)
                r.peak_mb = max(r.peak_mb, peak)
                # The slow one's imports are nothing beside its work: it doesn't run a second time for its call alone.
                r.warm.append(r.clean["seconds"] if r.name == SLOW else run(r.name, clean, small)[2]["seconds"])
        for r in results.values():
            _, peak, r.result = run(r.name, broken)
            r.peak_mb = max(r.peak_mb, peak)
    _print(results, plant_errors(options.rows))


def _print(results: dict[str, Measured], errors: list[Planted]) -> None:
    floor, warm_floor = (statistics.median(s) for s in (results[BASE].seconds, results[BASE].warm))
    print("| validator | seconds | ratio | warm | ratio | peak MB | planted errors found |")
    print("|---|---|---|---|---|---|---|")
    for r in sorted(results.values(), key=lambda r: statistics.median(r.seconds)):
        seconds, warm = statistics.median(r.seconds), statistics.median(r.warm)
        times = f"{seconds:.2f} | {seconds / floor:.2f} | {warm:.2f} | {warm / warm_floor:.2f}"
        print(f"| {r.name} | {times} | {r.peak_mb:.0f} | {count_errors_named(r.result, errors)} |")
        if r.clean.get("found") or "stopped" in r.clean:
            print(f"<!-- {r.name} finds fault with the clean table: {str(r.clean)[:300]} -->")
    ours = results.get("luminaldb")
    if ours and count_errors_named(ours.result, errors) != f"{len(errors)} of {len(errors)}, with rows":
        raise SystemExit(f"luminaldb missed a planted error: {ours.result}")


if __name__ == "__main__":
    main()
