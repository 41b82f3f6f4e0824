"""Pool our rows as seven published meta-analyses did, and print our result beside theirs.

Run with the Python of an environment in which luminaldb[analysis] is installed: `.venv/bin/python
benchmarks/published_results.py`. Exit code 1 if a row is missing, or a result differs at two decimals without a reason.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import Literal

import polars as pl

import luminaldb


@dataclass(frozen=True)
class Published:
    """A published pooled ratio: the source, what was pooled, the result as printed, and our rows of its trials."""

    source: str
    question: str
    estimate: str
    low: str
    high: str
    model: Literal["fixed", "dl", "reml"]
    results: tuple[str, ...]
    why: str = ""


PUBLISHED = (
    Published(
        "Gao 2021, Breast 59:165", "invasive disease-free survival, adjuvant CDK4/6 inhibitors", "0.87", "0.76", "0.98",
        "fixed", ("pallas-idfs-itt-2020-interim", "penelope-b-idfs-itt-primary", "monarche-idfs-itt-interim"),
    ),
    Published(
        "pooled analysis with NATALEE", "invasive disease-free survival, four adjuvant trials", "0.81", "0.67", "0.97",
        "dl", ("pallas-idfs-itt-final-final", "penelope-b-idfs-itt-primary", "monarche-idfs-itt-updated-4y",
               "natalee-idfs-itt-interim"),
        "last digit: the printed limits of the four trials give 0.67 to 0.98, and by REML 0.68 to 0.97",
    ),
    Published(
        "Breast Cancer Res Treat, July 2018", "progression, fulvestrant 500 mg against anastrozole", "0.75", "0.62",
        "0.91", "fixed", ("first-ttp-itt-updated", "falcon-pfs-itt-primary"),
    ),
    Published(
        "PMC6649709", "disease-free survival, shorter against one year of trastuzumab", "1.14", "1.05", "1.25", "fixed",
        ("phare-dfs-itt-final", "persephone-dfs-itt-primary", "horg-dfs-itt-primary", "shorther-dfs-itt-primary",
         "sold-dfs-itt-primary", "e2198-dfs-itt-final"),
        "last digit: HORG prints an interval that isn't symmetric about its ratio, 1.57 (0.86 to 2.10)",
    ),
    Published(
        "Chinese meta-analysis, 2024", "progression-free survival, trastuzumab deruxtecan", "0.37", "0.27", "0.51", "dl",
        ("destiny-breast02-pfs-itt-primary", "destiny-breast03-pfs-itt-interim-bicr", "destiny-breast04-pfs-all-primary"),
        "last digit: the printed limits of the three trials give 0.515",
    ),
    Published(
        "Int J Mol Sci 2020;21:6400", "overall survival, palbociclib", "0.83", "0.68", "1.02", "fixed",
        ("paloma-1-os-itt-final", "paloma-3-os-itt-final"),
        "our row of PALOMA-3 has three decimals; with 0.81 (0.64 to 1.03), as the review prints it, both are equal",
    ),
    Published(
        "ASCO abstract e13061", "progression-free survival, oral SERD against standard endocrine therapy", "0.80", "0.70",
        "0.91", "fixed", ("emerald-pfs-itt-primary", "acelera-pfs-itt-primary", "ember-3-pfs-itt-primary"),
    ),
)  # fmt: skip


def main() -> None:
    """Print the table; fail where a difference has no reason."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    rows = luminaldb.trial_results(include_superseded=True).filter(pl.col("result_type") == "effect")
    unexplained = 0
    print("| published | question | theirs | ours | |\n|---|---|---|---|---|")
    for published in PUBLISHED:
        our_rows = rows.filter(pl.col("result_id").is_in(published.results))
        theirs = f"{published.estimate} ({published.low} to {published.high})"
        if missing := sorted(set(published.results) - set(our_rows["result_id"])):
            ours, comparison = "", f"no row {', '.join(missing)}"
            unexplained += 1
        else:
            pooled = luminaldb.meta_analysis(our_rows, published.model)
            ours = f"{pooled.estimate:.2f} ({pooled.ci_low:.2f} to {pooled.ci_high:.2f})"
            comparison = "equal" if ours == theirs else published.why or "differs"
            unexplained += ours != theirs and not published.why
        print(f"| {published.source} | {published.question} | {theirs} | {ours} | {comparison} |")
    sys.exit(int(unexplained > 0))


if __name__ == "__main__":
    main()
