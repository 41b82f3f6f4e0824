"""What luminaldb costs at start-up, as ratios to what it can't do without; medians of fresh processes.

Run with the Python of an environment in which luminaldb is installed: `.venv/bin/python benchmarks/startup.py`.
Seconds differ between machines, ratios much less. Each pair is measured in turns, A B A B, after one warm-up.
`--without pandas pyspark` measures as in an environment that lacks them: pandera imports both where they are installed.
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
from dataclasses import asdict, dataclass
from pathlib import Path

from compiled_modules import keep_compiled_modules

EMPTY_TYPER = "import typer; app = typer.Typer()\n@app.command()\ndef main(): pass\napp(['--help'])"
BASE = "import polars, pandera.polars, frictionless"
# pandera's own entry into frictionless' world is what a validator built on the three would import.
MAIN = "from luminaldb.__main__ import main; import sys; sys.argv = ['luminaldb', *{args}]; main()"


@dataclass(frozen=True)
class Row:
    """One comparison: what we do, what it is compared with, and the bar."""

    name: str
    ours: list[str]
    base: list[str]
    bar: float
    at_least: bool = False


@dataclass(frozen=True)
class Result:
    """A measured comparison."""

    name: str
    ours_seconds: float
    base_seconds: float
    ratio: float
    bar: str
    met: bool


def python(code: str) -> list[str]:
    """Return the command that runs code in a fresh process."""
    return [sys.executable, "-c", code]


def rows(package: Path, effects: Path) -> list[Row]:
    """Return the comparisons of the architecture's table."""
    read = f"import polars; polars.read_csv({str(effects)!r})"
    validate = python(MAIN.format(args=["validate"]))
    frictionless = [str(Path(sys.executable).parent / "frictionless"), "validate", str(package / "datapackage.json")]
    return [
        Row("import luminaldb / python -c pass", python("import luminaldb"), python("pass"), 1.2),
        Row("first load('effects') / import polars and read_csv", python("import luminaldb; luminaldb.load('effects')"), python(read), 1.25),
        Row("luminaldb --help / an empty typer program's", python(MAIN.format(args=["--help"])), python(EMPTY_TYPER), 1.2),
        Row("luminaldb validate / import polars, pandera.polars, frictionless", validate, python(BASE), 1.5),
        Row("frictionless validate of the package / luminaldb validate", frictionless, validate, 5, at_least=True),
    ]  # fmt: skip


def hide(packages: list[str], folder: Path) -> None:
    """Make packages look as if they weren't installed, in every process that is started from now on."""
    import luminaldb

    for name in packages:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(
            f"raise ModuleNotFoundError('No module named {name}', name='{name}')\n"
        )
    paths = [str(folder), str(Path(luminaldb.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))


def seconds(command: list[str], folder: str) -> float:
    """Time a command as a whole process."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, cwd=folder)
    return time.perf_counter() - start


def measure(row: Row, runs: int, folder: str) -> Result:
    """Measure both sides in turns."""
    pairs = [(seconds(row.ours, folder), seconds(row.base, folder)) for _ in range(runs + 1)][1:]
    ours, base = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = ours / base
    met = ratio >= row.bar if row.at_least else ratio <= row.bar
    sign = "at least" if row.at_least else "at most"
    return Result(row.name, round(ours, 4), round(base, 4), round(ratio, 3), f"{sign} {row.bar:g}", met)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--without", nargs="*", default=[], help="packages to leave out")
    options = parser.parse_args()
    import luminaldb
    from luminaldb.loaders import installed

    with tempfile.TemporaryDirectory() as folder:
        keep_compiled_modules(Path(folder) / "bytecode")
        package = luminaldb.export("csv", Path(folder) / "package")
        effects = installed.datasets_folder() / "trials" / "effects.csv"
        if options.without:
            hide(options.without, Path(folder) / "hidden")
        results = [measure(row, options.runs, folder) for row in rows(package, effects)]
    if options.json:
        print(json.dumps([asdict(r) for r in results], indent=2))
        return
    if options.markdown:
        print("| what / compared with | seconds | compared with | ratio | bar |")
        print("|---|---|---|---|---|")
        for r in results:
            bar = f"{r.bar}{'' if r.met else ', not met'}"
            print(f"| {r.name} | {r.ours_seconds:.3f} | {r.base_seconds:.3f} | {r.ratio:.2f} | {bar} |")
        return
    print(f"{'':66}{'ours s':>9}{'base s':>9}{'ratio':>8}  bar")
    for r in results:
        note = "" if r.met else "  not met"
        print(f"{r.name:66}{r.ours_seconds:9.3f}{r.base_seconds:9.3f}{r.ratio:8.2f}  {r.bar}{note}")


if __name__ == "__main__":
    main()
