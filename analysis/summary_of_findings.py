"""A summary-of-findings table: what a machine can fill, with the judgements left to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError

from .absolute_effects import AbsoluteEffect, absolute_effect
from .html_templates import render
from .meta_analysis_result import MetaAnalysis
from .moderators import MIN_STUDIES_FOR_RELATION
from .sensitivity import ensure_meta_analysis
from .small_study_effects import egger_test

# Column: heading.
_HEADINGS = {
    "outcome": "Outcome",
    "studies": "Studies",
    "patients": "Patients",
    "relative_effect": "Relative effect (95 % CI)",
    "control_risk": "Risk without it, per 1000",
    "experimental_risk": "Risk with it, per 1000 (95 % CI)",
    "difference": "Difference per 1000 (95 % CI)",
    "imprecision": "Figures on imprecision",
    "inconsistency": "Figures on inconsistency",
    "publication_bias": "Figures on small studies",
    "certainty": "Certainty (GRADE)",
    "comment": "Comment",
}
NOT_ASSESSED = "to be assessed"


@dataclass(frozen=True, slots=True)
class SummaryOfFindings:
    """A summary-of-findings table.

    Attributes:
        title: the question.
        frame: a row per outcome: outcome, studies, patients, relative_effect, control_risk, experimental_risk,
            difference, imprecision, inconsistency, publication_bias, certainty (`to be assessed`), comment (empty).
    """

    title: str
    frame: pl.DataFrame

    def to_markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [list(_HEADINGS.values()), ["---"] * len(_HEADINGS)]
        lines += [[_cell(row[c]).replace("|", "\\|") for c in _HEADINGS] for row in self.frame.iter_rows(named=True)]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def to_html(self) -> str:
        """Return the table as an HTML page.

        Borders and alignment are attributes of each cell, so that the table keeps them when it is copied or inserted
        into Word.
        """
        rows = [[_cell(row[c]) for c in _HEADINGS] for row in self.frame.iter_rows(named=True)]
        return render("summary_of_findings", title=self.title, headings=list(_HEADINGS.values()), rows=rows)

    def __str__(self) -> str:
        """Print each outcome in a line."""
        lines = [self.title] if self.title else []
        for row in self.frame.iter_rows(named=True):
            lines.append(f"  {row['outcome']}: {row['studies']} studies, {row['relative_effect']}; {row['difference']}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.to_html()


def summary_of_findings(
    outcomes: Mapping[str, Any], *, baseline_risks: Mapping[str, float] | None = None, title: str = ""
) -> SummaryOfFindings:
    """Make a summary-of-findings table.

    Args:
        outcomes: by name, what `meta_analysis()` gave, or whatever it takes.
        baseline_risks: by name of the outcome, the risk without the therapy in percent, see `absolute_effect`. Absolute
            effects of other outcomes are left empty.
        title: the question, above the table.

    Returns:
        The table, with the columns of GRADE. Certainty, and the judgements on risk of bias and indirectness that it
        rests on, are left to people; imprecision and inconsistency have figures only.

    Raises:
        LuminaldbError: no outcomes, or a baseline risk of an outcome that isn't there.

    Example:
        >>> import luminaldb
        >>> pfs = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic", line="first")
        >>> table = luminaldb.summary_of_findings({"Progression": pfs}, baseline_risks={"Progression": 60})
        >>> table.frame["certainty"][0]
        'to be assessed'

    Source of the columns: Cochrane Handbook, chapter 14; Guyatt et al. 2011 (doi 10.1016/j.jclinepi.2010.04.026).
    """
    risks = dict(baseline_risks or {})
    if not outcomes:
        raise LuminaldbError("a summary of findings needs an outcome")
    if unknown := sorted(set(risks) - set(outcomes)):
        raise LuminaldbError(f"baseline_risks: no outcome {unknown[0]!r}; there are {', '.join(outcomes)}")
    rows = []
    for name, frame in outcomes.items():
        pooled = ensure_meta_analysis(frame)
        absolute = absolute_effect(pooled, risks[name]) if name in risks else None
        rows.append(_row(name, pooled, absolute))
    return SummaryOfFindings(title, pl.DataFrame(rows, infer_schema_length=None))


def _row(name: str, pooled: MetaAnalysis, absolute: AbsoluteEffect | None) -> dict[str, Any]:
    level = "" if pooled.ci_level == 95 else f" at {pooled.ci_level:g} %"  # noqa: PLR2004 - the level of the headings
    measure = pooled.measure.replace("_", " ").capitalize()
    interval = f"({pooled.ci_low:.2f} to {pooled.ci_high:.2f}{level})"
    return {
        "outcome": name,
        "studies": pooled.k,
        "patients": _patients(pooled.studies),
        "relative_effect": f"{measure} {pooled.estimate:.2f} {interval}",
        "control_risk": None if absolute is None else round(absolute.control),
        "experimental_risk": None if absolute is None else _risk_with_therapy(absolute),
        "difference": None if absolute is None else str(absolute),
        "imprecision": _imprecision(pooled),
        "inconsistency": _inconsistency(pooled),
        "publication_bias": str(egger_test(pooled))
        if pooled.k >= MIN_STUDIES_FOR_RELATION
        else f"fewer than {MIN_STUDIES_FOR_RELATION} studies",
        "certainty": NOT_ASSESSED,
        "comment": "",
    }


def _risk_with_therapy(absolute: AbsoluteEffect) -> str:
    return f"{absolute.experimental:.0f} ({absolute.experimental_low:.0f} to {absolute.experimental_high:.0f})"


def _patients(studies: pl.DataFrame) -> int | None:
    """Count the patients compared; None where a study doesn't say."""
    sums = []
    if {"n_experimental", "n_control"} <= set(studies.columns):
        sums.append(pl.col("n_experimental") + pl.col("n_control"))
    sums += [pl.col(c) for c in ("n", "population_n") if c in studies.columns]
    if not sums:
        return None
    counts = studies.select(n=pl.coalesce(sums))["n"]
    return None if counts.null_count() else int(counts.sum())


def _imprecision(pooled: MetaAnalysis) -> str:
    no_difference = 1.0 if pooled.is_ratio else 0.0
    crosses = "includes" if pooled.ci_low <= no_difference <= pooled.ci_high else "excludes"
    text = f"interval {crosses} no difference"
    columns = ("events_experimental", "events_control")
    if set(columns) <= set(pooled.studies.columns):
        events = pooled.studies.select(n=pl.sum_horizontal(*columns, ignore_nulls=False))["n"]
        if not events.null_count():
            text += f"; {int(events.sum())} events"
    return text


def _inconsistency(pooled: MetaAnalysis) -> str:
    text = f"I² {pooled.i2:.0f} %, tau² {pooled.tau2:.3f}, Q p = {pooled.q_p_value:.3f}"
    if pooled.prediction_low is not None:
        text += f"; prediction interval {pooled.prediction_low:.2f} to {pooled.prediction_high:.2f}"
    return text


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
