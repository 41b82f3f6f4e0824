"""Pool many data sets with luminaldb and with R's metafor, and print the largest relative difference of each number.

Run with the Python of an environment in which luminaldb[analysis] is installed, on a machine with R and metafor:
`.venv/bin/python benchmarks/metafor_parity.py`. Exit code 1 if a number differs by more than 1e-9, relatively or
absolutely.
"""

from __future__ import annotations

import argparse
import math
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

import luminaldb
from luminaldb.analysis.count_data import COUNT_COLUMNS, with_effect_sizes

SCRIPT = Path(__file__).with_suffix(".R")
BAR = 1e-9
MEASURES = {"OR": "odds_ratio", "RR": "risk_ratio", "RD": "risk_difference"}
QUESTIONS = {
    "cdk4-6 pfs": {"endpoint": "pfs", "therapy_class": "cdk4-6-inhibitor"},
    "cdk4-6 os": {"endpoint": "os", "therapy_class": "cdk4-6-inhibitor"},
    "cdk4-6 idfs": {"endpoint": ["idfs", "dfs"], "therapy_class": "cdk4-6-inhibitor"},
    "oral serd": {"endpoint": "pfs", "therapy_class": "oral-serd", "biomarker": "ESR1"},
    "ai tamoxifen": {"endpoint": "dfs", "therapy_class": "aromatase-inhibitor", "control": "tamoxifen"},
    "t-dxd": {"endpoint": "pfs", "therapy": "trastuzumab-deruxtecan", "mixed": True},
    "trastuzumab os": {"endpoint": "os", "therapy": "trastuzumab"},
    "pi3k": {"endpoint": "pfs", "therapy_class": "pi3k-akt-mtor-inhibitor"},
}


def estimates() -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield data sets of estimates with standard errors: our questions, and synthetic ones."""
    for name, question in QUESTIONS.items():
        rows = luminaldb.comparisons(**question).included
        if rows.height > 1:
            yield name, rows.select(y="log_estimate", s="standard_error")
    random = np.random.default_rng(20261130)
    sizes = [2, 2, 2, 3, 3, 4, 5, 7, 10, 15, 25, 40, 60, 75]
    for spread in (0.0, 0.15, 0.5, 3.0):
        for k in sizes:
            s = random.uniform(0.05, 0.6, k)
            y = random.normal(-0.3, spread, k) + random.normal(0, 1, k) * s
            yield f"k {k}, spread {spread:g}, {len(y)} {s[0]:.6f}", pl.DataFrame({"y": y, "s": s})
    yield "equal estimates", pl.DataFrame({"y": [-0.2] * 6, "s": [0.1, 0.2, 0.3, 0.1, 0.2, 0.3]})
    yield "equal standard errors", pl.DataFrame({"y": [-0.5, -0.1, 0.2, 0.6], "s": [0.2] * 4})
    yield "one study outweighs", pl.DataFrame({"y": [-0.3, 0.1, -0.6], "s": [0.001, 0.5, 0.9]})
    yield "huge heterogeneity", pl.DataFrame({"y": [-30.0, 5.0, 40.0, 90.0], "s": [0.1, 0.2, 0.1, 0.3]})


def counts() -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield data sets of events and patients by arm."""
    random = np.random.default_rng(20261201)
    for risk in (0.01, 0.1, 0.5, 0.95):
        for k in (2, 3, 8, 20, 75):
            n1, n2 = random.integers(20, 400, k), random.integers(20, 400, k)
            a, c = random.binomial(n1, risk), random.binomial(n2, min(0.99, risk * 1.3))
            # Without one event and one patient without it in each arm nothing can be pooled.
            a[0], c[0] = max(a[0], 1), min(max(c[0], 1), n2[0] - 1)
            yield f"risk {risk:g}, k {k}", pl.DataFrame(dict(zip(COUNT_COLUMNS, (a, n1, c, n2), strict=True)))
    rows = [(0, 40, 5, 41), (3, 60, 0, 58), (7, 55, 9, 50), (2, 30, 2, 30)]
    yield "zero cells in one arm", pl.DataFrame(rows, schema=COUNT_COLUMNS, orient="row")
    rows = [(0, 40, 0, 41), (3, 60, 4, 58), (55, 55, 50, 50), (7, 90, 12, 88)]
    yield "zero cells in both arms", pl.DataFrame(rows, schema=COUNT_COLUMNS, orient="row")
    rows = [(4, 119, 11, 128), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867), (33, 5069, 47, 5808)]
    yield "the first trials of BCG", pl.DataFrame(rows, schema=COUNT_COLUMNS, orient="row")


def ours_of_estimates(case: str, frame: pl.DataFrame) -> Iterator[tuple[str, str, str, float]]:
    """Pool estimates by every model and test."""
    rows = frame.select(
        measure=pl.lit("hazard_ratio"), estimate=pl.col("y").exp(), log_estimate="y", standard_error="s"
    )
    for model, tests in (("reml", ("adhoc", "knha", "z")), ("dl", ("adhoc", "knha", "z")), ("fixed", ("z",))):
        for test in tests:
            pooled = luminaldb.meta_analysis(rows, model, test=test)
            yield from ((case, f"{model} {test}", name, value) for name, value in numbers(pooled).items())


def numbers(pooled: luminaldb.MetaAnalysis) -> dict[str, float]:
    """Return the numbers of a pooled ratio on the scale of the logarithm."""
    values = {
        "mean": pooled.log_estimate, "se": pooled.standard_error, "low": logarithm(pooled.ci_low), "high": logarithm(pooled.ci_high),
        "p": pooled.p_value, "tau2": pooled.tau2, "i2": pooled.i2, "q": pooled.q, "q_p": pooled.q_p_value, "tau2_low": pooled.tau2_low,
        "tau2_high": pooled.tau2_high, "i2_low": pooled.i2_low, "i2_high": pooled.i2_high,
    }  # fmt: skip
    if pooled.prediction_low is not None and pooled.prediction_high is not None:
        values |= {
            "prediction_low": logarithm(pooled.prediction_low),
            "prediction_high": logarithm(pooled.prediction_high),
        }
    return values


def logarithm(value: float) -> float:
    """Return the natural logarithm; none where a limit is beyond every number."""
    return math.log(value) if 0 < value < math.inf else math.nan


def ours_of_counts(case: str, frame: pl.DataFrame) -> Iterator[tuple[str, str, str, float]]:
    """Pool counts by every method."""
    for short, measure in MEASURES.items():
        scale = 1.0 if measure != "risk_difference" else 100.0
        sizes = with_effect_sizes(frame, measure)
        column = "log_estimate" if measure != "risk_difference" else "estimate"
        for number, (y, error) in enumerate(sizes.select(column, "standard_error").iter_rows(), 1):
            yield case, f"escalc {short}", f"y{number}", y / scale
            yield case, f"escalc {short}", f"v{number}", (error / scale) ** 2
        rows = frame.with_columns(measure=pl.lit(measure))
        for model in ("mh", "peto") if measure == "odds_ratio" else ("mh",):
            pooled = luminaldb.meta_analysis(rows, model)
            limits = (pooled.ci_low, pooled.ci_high)
            low, high = map(logarithm, limits) if scale == 1 else (limit / scale for limit in limits)
            values = {
                "mean": pooled.log_estimate / scale, "se": pooled.standard_error / scale, "low": low, "high": high,
                "p": pooled.p_value, "q": pooled.q, "q_p": pooled.q_p_value, "i2": pooled.i2,
            }  # fmt: skip
            yield from ((case, f"{model} {short}", name, value) for name, value in values.items())


def theirs(folder: Path) -> dict[tuple[str, str, str], float]:
    """Run metafor on the data sets of a folder."""
    program = shutil.which("Rscript")
    if program is None:
        sys.exit("Rscript isn't installed; on Debian: apt install r-cran-metafor")
    process = subprocess.run([program, SCRIPT, folder], capture_output=True, text=True, check=False)
    if process.returncode:
        sys.exit(process.stderr)
    lines = [line.split("\t") for line in process.stdout.splitlines()]
    return {(case, method, name): float(value) if value != "NA" else math.nan for case, method, name, value in lines}


def difference(ours: float, theirs: float) -> float:
    """Return the relative difference, or the absolute one of numbers below 1e-6, where rounding hides any relation."""
    if math.isnan(ours) or math.isnan(theirs):
        return 0.0 if math.isnan(ours) or math.isnan(theirs) else math.inf
    absolute_difference = abs(ours - theirs)
    return absolute_difference if abs(theirs) < 1e-6 else absolute_difference / abs(theirs)


def main() -> None:
    """Compare, print a line per method and number, and fail above the bar."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    estimate_sets, count_sets = dict(estimates()), dict(counts())
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        frames = [frame.select(pl.lit(name).alias("case"), "y", "s") for name, frame in estimate_sets.items()]
        pl.concat(frames).write_csv(folder / "estimates.csv", float_precision=17, float_scientific=True)
        frames = [
            frame.cast(pl.Int64).select(pl.lit(name).alias("case"), *map(pl.col, COUNT_COLUMNS))
            for name, frame in count_sets.items()
        ]
        pl.concat(frames).rename(dict(zip(COUNT_COLUMNS, ("a", "n1", "c", "n2"), strict=True))).write_csv(
            folder / "counts.csv"
        )
        expected = theirs(folder)
    ours = {}
    for name, frame in estimate_sets.items():
        ours |= {(case, method, number): value for case, method, number, value in ours_of_estimates(name, frame)}
    for name, frame in count_sets.items():
        ours |= {(case, method, number): value for case, method, number, value in ours_of_counts(name, frame)}
    worst: dict[tuple[str, str], tuple[float, str]] = defaultdict(lambda: (0.0, ""))
    for key, their_value in expected.items():
        case, method, number = key
        kind = number.rstrip("0123456789") if method.startswith("escalc") else number
        worst[method, kind] = max(worst[method, kind], (difference(ours[key], their_value), case))
    for (method, number), (value, case) in sorted(worst.items()):
        print(f"{method:<12} {number:<16} {value:.1e}  {case}")
    largest = max(value for value, _ in worst.values())
    print(f"{len(estimate_sets)} data sets of estimates and {len(count_sets)} of counts, {len(expected)} numbers")
    print(f"largest relative difference {largest:.1e}, bar {BAR:.0e}")
    sys.exit(int(largest > BAR))


if __name__ == "__main__":
    main()
