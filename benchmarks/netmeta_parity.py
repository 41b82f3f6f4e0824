"""Fit published networks with luminaldb and with R's netmeta, and print the largest relative difference of each number.

Run with the Python of an environment in which luminaldb[analysis] is installed, on a machine with R, metadat and
netmeta (not in Debian; install it from its source): `.venv/bin/python benchmarks/netmeta_parity.py`. Exit code 1 if a
number differs by more than 1e-6.
"""

from __future__ import annotations

import argparse
import math
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import polars as pl

import luminaldb
from luminaldb.analysis.network_meta_analysis.network_result import NetworkMetaAnalysis

SCRIPT = Path(__file__).with_suffix(".R")
BAR = 1e-6


def read_networks(folder: Path) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Run R, and read netmeta's numbers and the contrasts that they are of."""
    r = shutil.which("Rscript")
    if r is None:
        sys.exit("netmeta_parity: needs R (Debian: r-base-core)")
    process = subprocess.run([r, "--vanilla", SCRIPT, folder], capture_output=True, text=True, check=False)
    if process.returncode:
        sys.exit(f"netmeta_parity: {process.stderr.strip().splitlines()[0]}")
    numbers = pl.read_csv(folder / "numbers.csv", schema_overrides={"value": pl.Float64}, null_values="NA")
    text = {"study": pl.String}
    contrasts = {
        name: pl.read_csv(folder / f"{name}.csv", schema_overrides=text).with_columns(measure=pl.lit("risk_difference"))
        for name in numbers["network"].unique(maintain_order=True)
    }
    return numbers, contrasts


def our_numbers(fit: NetworkMetaAnalysis) -> dict[tuple[str, str], float]:
    """Return the numbers of one network by what they are and by node."""
    numbers = {("tau", ""): math.sqrt(fit.tau2), ("q", ""): fit.q}
    for row in fit.effects.iter_rows(named=True):
        numbers |= {(what, row["node"]): row[what] for what in ("estimate", "standard_error")}
    numbers |= {("p_score", node): score for node, score in fit.p_scores().iter_rows()}
    numbers |= {("q", row["source"]): row["q"] for row in fit.decompose_q().iter_rows(named=True)}
    return numbers


def main() -> None:
    """Print the largest difference of each number; fail above the bar."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        numbers, contrasts = read_networks(Path(folder))
    worst: dict[tuple[str, str], float] = defaultdict(float)
    for (network, reference, model), rows in numbers.group_by("network", "reference", "model", maintain_order=True):
        fit = luminaldb.network_meta_analysis(contrasts[network], reference, model=model, lower_is_better=True)
        ours = our_numbers(fit)
        for row in rows.iter_rows(named=True):
            key = (row["what"], row["node"] or "")
            difference = abs(ours[key] - row["value"]) / max(abs(row["value"]), 1e-3)
            worst[model, row["what"]] = max(worst[model, row["what"]], difference)
    for (model, what), difference in sorted(worst.items()):
        print(f"{model:6} {what:15} {difference:.1e}")
    print(f"{len(contrasts)} networks, {numbers.height} numbers, largest relative difference {max(worst.values()):.1e}")
    sys.exit(int(max(worst.values()) > BAR))


if __name__ == "__main__":
    main()
