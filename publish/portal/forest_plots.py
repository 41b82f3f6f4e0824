"""The forest plots: every question that two trials or more were asked, drawn, with what was left out and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from luminaldb.analysis.arm_comparison import ADD_ON
from luminaldb.analysis.candidates import Candidates
from luminaldb.analysis.confidence_intervals import DEFAULT_CI_LEVEL, describe_printed_level, interval_at_level
from luminaldb.analysis.effect_direction import lower_is_better
from luminaldb.analysis.meta_analysis import meta_analyses
from luminaldb.analysis.meta_analysis_result import MetaAnalysis
from luminaldb.analysis.selection import Selection
from luminaldb.analysis.studies import MIN_STUDIES
from luminaldb.errors import LuminaldbError
from luminaldb.loaders.standard_errors import RATIOS
from luminaldb.loaders.views import trial_results

from ..labels import abbreviate_measure, as_heading, code_in_words
from .evidence import Evidence
from .forest_layout import NARROW, WIDE, lay_out_forest_plot
from .forest_questions import AddOns, PlotQuestion, questions
from .forest_titles import LINES, comparator_name, population_name, write_title
from .page_kinds import KIND_BY_TABLE, anchor_from_key, label, page_address, row_address, trial_rows_address
from .site import Site

_FIELDS = {
    "class": "Therapy class", "endpoint": "Endpoint", "setting": "Setting", "population": "Population", "line": "Line",
    "her2": "HER2 status", "comparator": "Comparator", "analysis": "Analysis", "arms": "Arms",
}  # fmt: skip
_ARMS = {True: "arms that differ only in the class", False: "every comparison that adds the class"}
_FIRST = PlotQuestion("cdk4-6-inhibitor", "pfs", "hazard_ratio", "itt", "metastatic")


def write_forest_plots(site: Site, progress: Callable[[str], None]) -> None:
    """Write the page that chooses, and the plot, the page and the data of each question."""
    database = site.evidence.database
    results = trial_results(include_superseded=True, path=database).filter(pl.col("result_type") == "effect")
    plot_questions = list(questions(results, database))
    add_ons = AddOns(results, database)
    # Results on other endpoints are no part of an answer, nor of the list of what it leaves out.
    results_by_endpoint = results.partition_by("endpoint_id", as_dict=True)
    candidates_by_endpoint = {str(key): Candidates(rows, database) for (key,), rows in results_by_endpoint.items()}
    results_by_rows: dict[tuple[str, ...], ModelResults] = {}
    views: list[tuple[PlotQuestion, dict[str, Any]]] = []
    for number, question in enumerate(plot_questions, 1):
        progress(f"forest plot {number} of {len(plot_questions)}")
        views += _ask_both_ways(site, question, candidates_by_endpoint[question.endpoint], results_by_rows, add_ons)
    for question, view in views:
        answer = site.render_fragment("forest_answer", q=view)
        site.write_page(f"forest/{question.slug}.html", "forest_page", view["title"], answer=answer, page=question.slug)
        site.write_script(f"data/forest/{question.slug}.js", ("forest", _js_name(question.slug)), answer)
    _write_chooser(site, views)


def _ask_both_ways(
    site: Site,
    question: PlotQuestion,
    candidates: Candidates,
    results_by_rows: dict[tuple[str, ...], ModelResults],
    add_ons: AddOns,
) -> list[tuple[PlotQuestion, dict[str, Any]]]:
    """Ask of arms that differ only in the class; then of every comparison, where that is another answer.

    A question that is narrower than its setting is asked once: of every comparison only where the other has no answer.
    """
    views: list[tuple[PlotQuestion, dict[str, Any]]] = []
    add_on_ids: set[str] | None = None
    if not question.comparator and add_ons.may_answer(question):
        add_on_question = replace(question, add_on=True)
        selection = add_on_question.selection(candidates)
        if selection.included.height >= MIN_STUDIES:
            add_on_ids = set(selection.included["result_id"])
            views.append((add_on_question, _view(site, add_on_question, selection, results_by_rows)))
    if question.is_narrowed and add_on_ids is not None:
        return views
    selection_of_all = question.selection(candidates)
    if question.is_narrowed and selection_of_all.included.height < MIN_STUDIES:
        return []
    if add_on_ids is None or add_on_ids != set(selection_of_all.included["result_id"]):
        views.append((question, _view(site, question, selection_of_all, results_by_rows)))
    if len(views) > 1:
        (first, view), (second, other) = views
        view["other"], other["other"] = f"forest/{second.slug}.html", f"forest/{first.slug}.html"
    return views


class ModelResults:
    """The meta-analyses of some results, and the plot that shows them."""

    def __init__(self, included: pl.DataFrame, slug: str) -> None:
        self.models: dict[str, MetaAnalysis] = meta_analyses(included, ("reml", "dl"))
        common = self.models["reml"].common
        assert common is not None  # noqa: S101 - for the type checker: random effects have it
        self.models["fixed"] = common
        self.slug = slug
        self.weights = {
            m: dict(p.studies.select("result_id", "weight").iter_rows()) for m, p in self.models.items()
        }  # fmt: skip


def _view(
    site: Site, question: PlotQuestion, selection: Selection, results_by_rows: dict[tuple[str, ...], ModelResults]
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
            results_by_rows[rows] = ModelResults(selection.included, question.slug)
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


def _js_name(slug: str) -> str:
    return "q_" + slug.replace("-", "_")


def _write_chooser(site: Site, views: Sequence[tuple[PlotQuestion, dict[str, Any]]]) -> None:
    choices = []
    names: dict[str, dict[str, str]] = {field: {} for field in _FIELDS}
    for question, view in views:
        captions_by_field = {
            "class": (question.therapy_class, view["class_name"]),
            "endpoint": (f"{question.endpoint} {question.measure}", f"{view['endpoint']}, {view['measure']}"),
            "setting": (question.setting or "any", view["setting"]),
            "population": (question.population, view["population"]),
            "line": (question.line or "any", view["line"]),
            "her2": (question.her2 or "any", view["her2"]),
            "comparator": (question.comparator or "any", view["comparator"]),
            "analysis": (question.analysis, as_heading(view["analysis"])),
            "arms": ("add-on" if question.add_on else "every", as_heading(view["arms"])),
        }
        choices.append(
            {**{field: value for field, (value, _) in captions_by_field.items()}, "slug": question.slug, "k": view["k"]}
        )
        for field, (value, caption) in captions_by_field.items():
            names[field][value] = caption
    first_view = next((view for question, view in views if question == _FIRST), views[0][1])
    site.write_script(
        "data/forest.js", ("questions",), {"choices": choices, "names": names, "first": first_view["slug"]}
    )
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _, view in views:
        groups[view["class_name"]].append(view)
    site.write_page(
        "forest/index.html",
        "forest",
        "Forest plots",
        q=first_view,
        fields=_FIELDS,
        groups=sorted(groups.items()),
        total=len(views),
        poolable=sum(bool(v["plot"]) for _, v in views),
    )
