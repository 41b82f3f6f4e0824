"""The forest plots: every question that two trials or more were asked, drawn, with what was left out and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from luminaldb.analysis.candidates import Candidates
from luminaldb.analysis.studies import MIN_STUDIES
from luminaldb.loaders.views import trial_results

from ..labels import as_heading
from .forest_questions import AddOns, PlotQuestion, questions
from .forest_views import PlottedMetaAnalyses, make_view
from .site import Site

_FIELDS = {
    "class": "Therapy class", "endpoint": "Endpoint", "setting": "Setting", "population": "Population", "line": "Line",
    "her2": "HER2 status", "comparator": "Comparator", "analysis": "Analysis", "arms": "Arms",
}  # fmt: skip
_FIRST_QUESTION = PlotQuestion("cdk4-6-inhibitor", "pfs", "hazard_ratio", "itt", "metastatic")


def write_forest_plots(site: Site, progress: Callable[[str], None]) -> None:
    """Write the page that chooses, and the plot, the page and the data of each question."""
    database = site.evidence.database
    results = trial_results(include_superseded=True, path=database).filter(pl.col("result_type") == "effect")
    plot_questions = list(questions(results, database))
    add_ons = AddOns(results, database)
    # Results on other endpoints are no part of an answer, nor of the list of what it leaves out.
    results_by_endpoint = results.partition_by("endpoint_id", as_dict=True)
    candidates_by_endpoint = {str(key): Candidates(rows, database) for (key,), rows in results_by_endpoint.items()}
    results_by_rows: dict[tuple[str, ...], PlottedMetaAnalyses] = {}
    views: list[tuple[PlotQuestion, dict[str, Any]]] = []
    for number, question in enumerate(plot_questions, 1):
        progress(f"forest plot {number} of {len(plot_questions)}")
        views += _ask_both_ways(site, question, candidates_by_endpoint[question.endpoint], results_by_rows, add_ons)
    for question, view in views:
        fragment = site.render_fragment("forest_answer", q=view)
        site.write_page(
            f"forest/{question.slug}.html", "forest_page", view["title"], answer=fragment, page=question.slug
        )
        site.write_script(f"data/forest/{question.slug}.js", ("forest", _js_name(question.slug)), fragment)
    _write_chooser(site, views)


def _ask_both_ways(
    site: Site,
    question: PlotQuestion,
    candidates: Candidates,
    results_by_rows: dict[tuple[str, ...], PlottedMetaAnalyses],
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
            views.append((add_on_question, make_view(site, add_on_question, selection, results_by_rows)))
    if question.is_narrowed and add_on_ids is not None:
        return views
    selection_of_all = question.selection(candidates)
    if question.is_narrowed and selection_of_all.included.height < MIN_STUDIES:
        return []
    if add_on_ids is None or add_on_ids != set(selection_of_all.included["result_id"]):
        views.append((question, make_view(site, question, selection_of_all, results_by_rows)))
    if len(views) > 1:
        (first, first_view), (second, second_view) = views
        first_view["other"], second_view["other"] = f"forest/{second.slug}.html", f"forest/{first.slug}.html"
    return views


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
    first_view = next((view for question, view in views if question == _FIRST_QUESTION), views[0][1])
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
