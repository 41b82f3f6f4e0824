"""What the pages of forest plots show of a question: studies, pooled results, excluded results, the drawing."""

from __future__ import annotations

from typing import Any

import polars as pl

from luminaldb.analysis.arm_comparison import ADD_ON
from luminaldb.analysis.confidence_intervals import DEFAULT_CI_LEVEL, describe_printed_level, interval_at_level
from luminaldb.analysis.effect_direction import lower_is_better
from luminaldb.analysis.meta_analysis import meta_analyses
from luminaldb.analysis.meta_analysis_result import MetaAnalysis
from luminaldb.analysis.selection import Selection
from luminaldb.analysis.studies import MIN_STUDIES
from luminaldb.errors import LuminaldbError
from luminaldb.loaders.standard_errors import RATIOS

from ..labels import abbreviate_measure, code_in_words
from .evidence import Evidence
from .forest_layout import NARROW, WIDE, lay_out_forest_plot
from .forest_questions import PlotQuestion
from .forest_titles import LINES, comparator_name, population_name, write_title
from .page_kinds import KIND_BY_TABLE, anchor_from_key, label, page_address, row_address, trial_rows_address
from .site import Site

_ARMS = {True: "arms that differ only in the class", False: "every comparison that adds the class"}


class PlottedMetaAnalyses:
    """The meta-analyses of the results in one plot, by model: REML, DerSimonian-Laird and common effect."""

    def __init__(self, included: pl.DataFrame, slug: str) -> None:
        self.models: dict[str, MetaAnalysis] = meta_analyses(included, ("reml", "dl"))
        common = self.models["reml"].common
        assert common is not None  # noqa: S101 - for the type checker: random effects have it
        self.models["fixed"] = common
        self.slug = slug
        self.weights = {
            m: dict(p.studies.select("result_id", "weight").iter_rows()) for m, p in self.models.items()
        }  # fmt: skip


def make_view(
    site: Site,
    question: PlotQuestion,
    selection: Selection,
    results_by_rows: dict[tuple[str, ...], PlottedMetaAnalyses],
) -> dict[str, Any]:
    """Return what the templates show of one question; pool and draw unless the same rows were before."""
    evidence = site.evidence
    endpoint = evidence["endpoints"].row(question.endpoint)
    class_name = label(evidence, KIND_BY_TABLE["therapy_classes"], question.therapy_class)
    other_comparisons = selection.included.filter(pl.col("comparison") != ADD_ON)
    view: dict[str, Any] = {
        "slug": question.slug,
        "title": write_title(evidence, question),
        "class_address": page_address(KIND_BY_TABLE["therapy_classes"], question.therapy_class),
        "class_name": class_name,
        "endpoint": endpoint["name"],
        "measure": code_in_words(question.measure),
        "unit": abbreviate_measure(question.measure),
        "population": population_name(evidence, question.population),
        "setting": code_in_words(question.setting) if question.setting else "any setting",
        "line": LINES.get(question.line, question.line) or "any line",
        "her2": f"HER2 {code_in_words(question.her2)}" if question.her2 else "any HER2 status",
        "comparator": comparator_name(evidence, question),
        "analysis": "the latest analysis of each trial"
        if question.analysis == "latest"
        else f"{question.analysis} analyses",
        "arms": _ARMS[question.add_on],
        "add_on": question.add_on,
        "unlike": other_comparisons["acronym"].to_list(),
        "other": "",
        "command": question.command,
        "left_out": _excluded_results(evidence, question, selection),
        "notes": selection.notes,
        "plot": "",
        "pooled": [],
        "studies": _studies(evidence, selection.included),
        "k": selection.included.height,
        "cite": f"{evidence.content.citation} Forest plot {question.slug}.",
        "sources": [],
    }
    if selection.included.height < MIN_STUDIES:
        return view
    rows = tuple(selection.included["result_id"])
    if rows not in results_by_rows:
        try:
            results_by_rows[rows] = PlottedMetaAnalyses(selection.included, question.slug)
        except LuminaldbError as error:
            view["notes"] = (*selection.notes, f"Not pooled: {error}")
            return view
        _draw(site, question, view, results_by_rows[rows].models["reml"])
    results = results_by_rows[rows]
    for study in view["studies"]:
        study["weights"] = [f"{results.weights[m][study['id']]:.1f}" for m in ("fixed", "reml")]
    view["pooled"] = [_result_texts(results.models[m]) for m in ("fixed", "dl", "reml")]
    view["summary"] = _summary(results.models["reml"])
    view["plot"] = f"forest/plots/{results.slug}.svg"
    view["narrow_plot"] = f"forest/plots/{results.slug}-narrow.svg"
    view["csv"] = f"forest/plots/{results.slug}.csv"
    view["sources"] = sorted({(s["source"], s["source_address"]) for s in view["studies"]})
    return view


def _draw(site: Site, question: PlotQuestion, view: dict[str, Any], pooled: MetaAnalysis) -> None:
    endpoint = site.evidence["endpoints"].row(question.endpoint)
    is_lower_better = lower_is_better(question.measure, endpoint["family"], endpoint["better"])
    for layout in (WIDE, NARROW):
        plot = lay_out_forest_plot(
            pooled, lower_is_better=is_lower_better, experimental_name=view["class_name"], columns=layout
        )
        text = site.render_fragment(
            "forest_plot", suffix="svg", p=plot, title=view["title"], unit=view["measure"].capitalize(),
            unit_short=view["unit"],
            pooled=f"{pooled.estimate:.2f} ({pooled.ci_low:.2f} to {pooled.ci_high:.2f})",
            heterogeneity=f"I\u00b2 {pooled.i2:.0f} %, tau\u00b2 {pooled.tau2:.3f}, "
            f"Q {pooled.q:.1f} (p {pooled.q_p_value:.2g})",
        )  # fmt: skip
        site.save(f"forest/plots/{question.slug}{'-narrow' if layout.is_narrow else ''}.svg", text.encode())
    columns = [c for c in _CSV if c in pooled.studies.columns]
    site.save(f"forest/plots/{question.slug}.csv", ("\ufeff" + pooled.studies.select(columns).write_csv()).encode())


_CSV = (
    "acronym", "arm", "control_arm", "endpoint", "population_name", "analysis", "measure", "estimate", "ci_low",
    "ci_high", "ci_level", "standard_error", "weight", "source", "doi", "result_id",
)  # fmt: skip


def _result_texts(p: MetaAnalysis) -> dict[str, str]:
    prediction = "" if p.prediction_low is None else f"{p.prediction_low:.2f} to {p.prediction_high:.2f}"
    return {
        "model": p.title,
        "estimate": f"{p.estimate:.2f}",
        "interval": f"{p.ci_low:.2f} to {p.ci_high:.2f}",
        "p": f"{p.p_value:.3g}",
        "i2": f"{p.i2:.0f} %",
        "tau2": f"{p.tau2:.4f}",
        "q": f"{p.q:.2f} (p {p.q_p_value:.3g})",
        "prediction": prediction,
    }


def _summary(p: MetaAnalysis) -> str:
    return (
        f"{p.k} studies, {code_in_words(p.measure)} {p.estimate:.2f} "
        f"({p.ci_level:g}% CI {p.ci_low:.2f} to {p.ci_high:.2f}), "
        f"{p.title}; I\u00b2 {p.i2:.0f} %, prediction interval {p.prediction_low:.2f} to {p.prediction_high:.2f}"
    )


def _studies(evidence: Evidence, rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Return a line of the table per trial, its interval at the level that the plot shows all of them at."""
    lines = []
    for row in rows.iter_rows(named=True):
        # Combined arms have the ids of their results, joined by a plus sign; numbers of arms may give a ratio.
        first_id = row["result_id"].partition("+")[0]
        effect_rows = evidence["effects"].where("effect_id", first_id)
        printed = effect_rows[0] if effect_rows else None
        address = page_address(KIND_BY_TABLE["trials"], row["trial_id"])
        line = {
            "id": row["result_id"],
            "trial": row["acronym"],
            "address": row_address(evidence, "effects", printed) if printed else address,
            "comparison": f"{row['arm']} against {row['control_arm']}",
            "analysis": code_in_words(str(row["analysis"])),
            "estimate": printed["estimate"] if printed and not row["derived_from"] else _number(row["estimate"]),
            "interval": f"{printed['ci_low']} to {printed['ci_high']}" if printed else "",
            "rescaled": "" if row["derived_from"] is None else str(row["derived_from"]),
            "weights": ["", ""],
            "source": row["source"],
            "source_address": page_address(KIND_BY_TABLE["citations"], row["citation_id"]),
            "grade": evidence.flat_results[first_id]["certainty"] if first_id in evidence.flat_results else "",
        }
        if line["rescaled"]:
            line["interval"] = _interval(row)
        elif row["ci_level"] is None:
            line["rescaled"] = f"level not printed; taken as {DEFAULT_CI_LEVEL:g} %"
        elif row["ci_level"] != DEFAULT_CI_LEVEL and printed:
            line["interval"] = _interval(row)
            line["rescaled"] = describe_printed_level(
                printed["ci_low"], printed["ci_high"], row["ci_level"], DEFAULT_CI_LEVEL
            )
        lines.append(line)
    return lines


def _number(value: float | None) -> str:
    return "not printed" if value is None else f"{value:.2f}"


def _interval(row: dict[str, Any]) -> str:
    if row["estimate"] is None or row["standard_error"] is None:
        return "not printed"
    low, high = interval_at_level(row["estimate"], row["standard_error"], is_ratio=row["measure"] in RATIOS)
    return f"{low:.2f} to {high:.2f}"


def _excluded_results(evidence: Evidence, question: PlotQuestion, selection: Selection) -> list[dict[str, str]]:
    """Return the results on the endpoint that were left out; those on other endpoints were not asked for."""
    lines = []
    for row in selection.excluded.iter_rows(named=True):
        flat = evidence.flat_results.get(row["result_id"].partition("+")[0])
        if flat is None or flat["endpoint_id"] != question.endpoint:
            continue
        table = "effects" if flat["result_type"] == "effect" else "outcomes"
        address = f"{trial_rows_address(evidence, table, flat['trial_id'])}#{anchor_from_key(table, flat['result_id'])}"
        description = f"{flat['population']}, {flat['analysis']}"
        lines.append(
            {"what": description, "address": address, **{c: row[c] or "" for c in ("acronym", "source", "reason")}}
        )
    return lines
