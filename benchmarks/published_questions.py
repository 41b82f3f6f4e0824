"""Ask in one call what published meta-analyses asked, and print our result beside theirs, with the reason they differ.

Run with the Python of an environment in which luminaldb[analysis] is installed: `.venv/bin/python
benchmarks/published_questions.py`. Unlike `published_results.py`, which pools the very results that they did, each
question takes what `comparisons()` includes today. Exit code 1 if a question finds fewer than two studies, or the
intervals don't overlap.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from typing import Any

import luminaldb
from luminaldb.analysis.meta_analysis_result import Model, Test


@dataclass(frozen=True)
class Published:
    """A published pooled ratio, how to ask for it, and why ours differs."""

    source: str
    estimate: float
    low: float
    high: float
    why: str
    model: Model = "fixed"
    test: Test | None = None
    asked: dict[str, Any] = field(default_factory=dict)

    @property
    def printed(self) -> str:
        """The estimate with its interval, as theirs and ours are printed."""
        return f"{self.estimate:.2f} ({self.low:.2f} to {self.high:.2f})"


_AI = {"therapy_class": "aromatase-inhibitor", "control": "tamoxifen"}
PUBLISHED = (
    Published(
        "FDA 2021, survival, CDK4/6 inhibitor with fulvestrant", 0.77, 0.68, 0.88,
        "theirs are patients' data as submitted; ours are the printed ratios of the same three trials",
        asked={"endpoint": "os", "therapy_class": "cdk4-6-inhibitor", "control": "fulvestrant", "setting": "metastatic",
               "her2_status": "negative", "years": (None, 2021)},
    ),
    Published(
        "meta-analysis of 2024, IDFS, adjuvant CDK4/6 inhibitors", 0.81, 0.68, 0.97,
        "ours takes the analyses printed up to 2024; which ones theirs took was not seen", "reml", "z",
        asked={"endpoint": "idfs", "therapy_class": "cdk4-6-inhibitor", "setting": "adjuvant", "years": (None, 2024)},
    ),
    Published(
        "Goldvaser, progression, oral SERD, ESR1-mutated", 0.55, 0.45, 0.68,
        "ours has every trial to date; the list of theirs was not seen", "dl",
        asked={"endpoint": "pfs", "therapy_class": "oral-serd", "biomarker": "ESR1"},
    ),
    Published(
        "abstract 1081, grade 3 or worse, oral SERD", 1.09, 0.87, 1.38,
        "nine trials of theirs, of which our tables have counts of five", "dl",
        asked={"adverse_event": "any", "grade": "3_plus", "therapy_class": "oral-serd"},
    ),
    Published(
        "EBCTCG 2022, recurrence, aromatase inhibitor or tamoxifen with ovarian suppression", 0.79, 0.69, 0.90,
        "ours is disease-free survival (deaths and second cancers count), at later follow-up",
        asked={"endpoint": ["recurrence", "dfs"], "menopausal_status": "premenopausal", **_AI},
    ),
    Published(
        "EBCTCG 2021, recurrence, trastuzumab added to chemotherapy", 0.66, 0.62, 0.71,
        "ours is disease-free survival, and two of their seven trials have no ratio here",
        asked={"endpoint": ["dfs", "idfs"], "therapy": "trastuzumab", "setting": "adjuvant", "add_on": True,
               "her2_status": "positive"},
    ),
    Published(
        "EBCTCG 2025, recurrence, extended aromatase inhibitor", 0.73, 0.67, 0.80,
        "ours is disease-free survival of the three trials whose ratio is printed, not of twelve",
        asked={"endpoint": ["dfs", "idfs"], "therapy_class": "aromatase-inhibitor", "setting": "extended_adjuvant",
               "add_on": True},
    ),
    Published(
        "EBCTCG 2023, recurrence, ovarian suppression", 0.82, 0.77, 0.88,
        "ours is disease-free or relapse-free survival of three of their 25 trials",
        asked={"endpoint": ["recurrence", "dfs", "rfs"], "therapy_class": "ovarian-suppression", "setting": "adjuvant",
               "add_on": True},
    ),
    Published(
        "Amir 2011, fractures, aromatase inhibitor or tamoxifen", 1.47, 1.34, 1.61,
        "ours are the three trials with counts in the tables; two of them are later", "mh",
        asked={"adverse_event": "fracture", "measure": "odds_ratio", "setting": "adjuvant", **_AI},
    ),
    Published(
        "fractures during treatment, PMC5871065", 1.33, 1.21, 1.47, "ours are the three trials with counts in the tables", "mh",
        asked={"adverse_event": "fracture", "setting": "adjuvant", **_AI},
    ),
    Published(
        "Amir 2011, endometrial cancer, aromatase inhibitor or tamoxifen", 0.34, 0.22, 0.53,
        "ours are two trials of carcinoma in situ, the only ones with counts in the tables", "peto",
        asked={"adverse_event": "endometrial cancer", "measure": "odds_ratio", "setting": "adjuvant", **_AI},
    ),
)  # fmt: skip


def main() -> None:
    """Print the table; fail where a question can't be answered."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    failed = 0
    print("| published | theirs | ours | studies | why they differ |\n|---|---|---|---|---|")
    for published in PUBLISHED:
        try:
            pooled = luminaldb.meta_analysis(
                luminaldb.comparisons(**published.asked), published.model, test=published.test
            )
        except luminaldb.LuminaldbError as error:
            failed += 1
            print(f"| {published.source} | {published.printed} | | | {error} |")
            continue
        failed += pooled.ci_low > published.high or pooled.ci_high < published.low
        ours = f"{pooled.estimate:.2f} ({pooled.ci_low:.2f} to {pooled.ci_high:.2f})"
        names = ", ".join(dict.fromkeys(pooled.studies["acronym"].to_list()))
        print(f"| {published.source} | {published.printed} | {ours} | {names} | {published.why} |")
    sys.exit(int(failed > 0))


if __name__ == "__main__":
    main()
