"""How the cost of a validation grows with the rows: seconds and peak memory, from a thousand rows to a million.

Run with the Python of an environment with `pip install '.[bench]'`: `python benchmarks/growth.py --svg docs/growth.svg`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from compiled_modules import keep_compiled_modules
from generated_table import write
from validate import run

CONTENDERS = ("polars expressions, all text", "luminaldb", "luminaldb, engine duckdb")
SIZES = (1_000, 10_000, 100_000, 1_000_000)
LARGEST = 10_000_000


def measure(sizes: tuple[int, ...], runs: int) -> list[dict[str, object]]:
    """Return a record per contender and size: medians of seconds, the highest peak of memory."""
    records: list[dict[str, object]] = []
    for rows in sizes:
        with tempfile.TemporaryDirectory() as temporary:
            folder = write(Path(temporary), rows, broken=False)
            for name in CONTENDERS:
                runs_of_validator = [run(name, folder) for _ in range(runs if rows < LARGEST else 1)]
                seconds, peak = statistics.median(d[0] for d in runs_of_validator), max(d[1] for d in runs_of_validator)
                records.append({"validator": name, "rows": rows, "seconds": seconds, "peak_mb": peak})
    return records


def draw(records: list[dict[str, object]], file: Path) -> None:
    """Draw seconds against rows, both on logarithmic scales."""
    import altair as alt

    chart = alt.Chart(alt.Data(values=records)).mark_line(point=True)  # type: ignore[arg-type]
    x = alt.X("rows:Q", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s"))
    y = alt.Y("seconds:Q", scale=alt.Scale(type="log"))
    chart.encode(x=x, y=y, color=alt.Color("validator:N")).properties(width=420, height=260).save(str(file))


def main() -> None:
    """Measure, print a table as Markdown, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="numbers of rows")
    parser.add_argument("--huge", action="store_true", help="ten million rows, too; once")
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        keep_compiled_modules(Path(temporary) / "bytecode")
        small = write(Path(temporary) / "small", min(options.sizes), broken=False)
        for name in CONTENDERS:
            run(name, small)
        records = measure((*options.sizes, *([LARGEST] if options.huge else [])), options.runs)
    print("| validator | rows | seconds | peak MB |")
    print("|---|---|---|---|")
    for r in records:
        print(f"| {r['validator']} | {r['rows']:,} | {r['seconds']:.2f} | {r['peak_mb']:.0f} |")
    if options.svg:
        draw(records, options.svg)


if __name__ == "__main__":
    main()
