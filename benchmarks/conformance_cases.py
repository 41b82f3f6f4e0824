"""Results on the cases of tests/data/conformance, ours by each engine beside frictionless's, as a table in Markdown.

    python benchmarks/conformance_cases.py [--spark]

Each case is a package that the text of the standards calls valid or invalid; see its README.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import luminaldb

DATA = Path(__file__).parent.parent / "tests/data/conformance"


def by_us(folder: Path, engine: str) -> str:
    """Validate a package by an engine of luminaldb."""
    try:
        return "valid" if luminaldb.validate(folder, engine=engine).ok else "invalid"
    except luminaldb.LuminaldbError:
        return "invalid"


def by_frictionless(folder: Path) -> str:
    """Validate a package by frictionless."""
    import frictionless

    try:
        report = frictionless.validate(str(folder / "datapackage.json"), type="package")
    except frictionless.FrictionlessException:
        return "invalid"
    return "valid" if report.valid else "invalid"


def main() -> None:
    """Validate every case and print how many valid ones are accepted and invalid ones refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spark", action="store_true", help="also by Spark, which takes minutes")
    options = parser.parse_args()
    import frictionless

    engines = ["polars", "duckdb", *(["spark"] if options.spark else [])]
    validators: dict[str, Callable[[Path], str]] = {f"luminaldb, {e}": partial(by_us, engine=e) for e in engines}
    validators[f"frictionless {frictionless.__version__}"] = by_frictionless
    cases = json.loads((DATA / "cases.json").read_text(encoding="utf-8"))
    expected = Counter(case["expect"] for case in cases)
    print(
        f"| validator | valid, accepted (of {expected['valid']}) | invalid, refused (of {expected['invalid']}) | crashed |"
    )
    print("|---|---|---|---|")
    for name, validator in validators.items():
        counts: Counter[str] = Counter()
        for case in cases:
            try:
                with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    result = validator(DATA / case["folder"])
            except Exception:
                result = "crashed"
            counts[result if result in (case["expect"], "crashed") else "wrong"] += 1
        print(f"| {name} | {counts['valid']} | {counts['invalid']} | {counts['crashed']} |", flush=True)


if __name__ == "__main__":
    main()
