"""The forest plots: every question that two trials or more were asked, drawn, with what was left out and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from luminaldb.analysis.arm_comparison import ADD_ON
from luminaldb.analysis.comparisons import comparisons
from luminaldb.analysis.confidence_intervals import USUAL, at_level, printed_as
from luminaldb.analysis.forest_plot import forest_plot
from luminaldb.analysis.funnel_plot import FEWEST as FEWEST_FOR_FUNNEL
from luminaldb.analysis.funnel_plot import funnel
from luminaldb.analysis.meta_analysis import INVERSE_VARIANCE, MetaAnalysis, meta_analysis
from luminaldb.analysis.selection import Selection
from luminaldb.loaders.database import Database
from luminaldb.loaders.views import RATIOS, trial_results

from .evidence import Evidence
from .evidence_map import CONTROL
from .labels import heading, measure, words
from .page_kinds import BY_TABLE, address, label
from .site import Site

_SETS = ("itt",)
_FEWEST = 2
# Letters as wide as those that vl-convert measures the plot with.
_LOOK = {"font": "Arial, Helvetica, sans-serif"}
_ANALYSES = ("latest", "primary")
_OTHER_QUESTIONS = ("comparison", "endpoint", "population", "measure", "setting", "no counterpart")
_DEFAULTS = {"population": "itt", "measure": "hazard_ratio", "analysis": "latest"}
_ARMS = {False: "every comparison that adds the class", True: "only where the arms differ in nothing but the class"}
_FIELDS = {
    "class": "Therapy class", "endpoint": "Endpoint", "population": "Population", "setting": "Setting",
    "analysis": "Analysis", "arms": "Arms",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What can be chosen on the page of forest plots."""

    therapy_class: str
    endpoint: str
    measure: str
    population: str
    setting: str
    analysis: str
    add_on: bool = False

    @property
    def slug(self) -> str:
        """The name of its page and plot."""
        shown = [self.therapy_class, self.endpoint, self.measure, self.population, self.setting or "any", self.analysis]
        return "--".join(part.replace("_", "-") for part in [*shown, *(["add-on"] if self.add_on else [])])

    @property
    def command(self) -> str:
        """What asks the same on the command line."""
        options = {
            "endpoint": self.endpoint,
            "therapy-class": self.therapy_class,
            "population": self.population,
            "measure": self.measure,
            "setting": self.setting,
            "analysis": self.analysis,
        }
        said = [f"--{name} {value}" for name, value in options.items() if value and value != _DEFAULTS.get(name)]
        other = ["--add-on"] if self.add_on else ["--mixed all"]
        return " ".join(["luminaldb pool", *said, *other, "--derive none"])

    def selection(self, results: pl.DataFrame) -> Selection:
        """Ask it."""
        return comparisons(
            self.endpoint,
            therapy_class=self.therapy_class,
            population=self.population,
            measure=self.measure,
            setting=self.setting or None,
            add_on=self.add_on,
            analysis=self.analysis,
            # The page says "any setting" and "every comparison"; its table shows what was printed.
            mixed=True,
            derive=(),
            results=results,
        )


_FIRST = Question("cdk4-6-inhibitor", "pfs", "hazard_ratio", "itt", "metastatic", "latest")


def write_forest(site: Site, progress: Callable[[str], None]) -> None:
    """Write the page that chooses, and the plot, the page and the data of each question."""
    results = trial_results(include_superseded=True).filter(pl.col("result_type") == "effect")
    asked = list(questions(results))
    drawn: dict[tuple[str, ...], str] = {}
    shown = []
    for number, one in enumerate(asked, 1):
        progress(f"forest plot {number} of {len(asked)}")
        selection = one.selection(results)
        view = _view(site, one, selection, drawn)
        unlike = selection.included.filter(pl.col("comparison") != ADD_ON)
        view["unlike"] = unlike["acronym"].to_list()
        shown.append((one, view))
        if selection.included.height - unlike.height >= _FEWEST and unlike.height:
            narrow = replace(one, add_on=True)
            view["other"] = f"forest/{narrow.slug}.html"
            shown.append((narrow, _view(site, narrow, narrow.selection(results), drawn)))
            shown[-1][1]["other"] = f"forest/{one.slug}.html"
    for one, view in shown:
        site.write(f"forest/{one.slug}.html", "forest_one", f"{view['title']}, forest plot", q=view, page=one.slug)
        site.script(
            f"data/forest/{one.slug}.js", ("forest", _js_name(one.slug)), site.fragment("forest_answer", q=view)
        )
    _write_chooser(site, shown)


def questions(results: pl.DataFrame) -> Iterator[Question]:
    """Find the questions that at least two trials randomised for, whether or not their answers can be pooled."""
    trials: dict[Question, set[str]] = defaultdict(set)
    classes = Database.installed().classes_of_therapies
    for row in results.filter(pl.col("randomised").fill_null(value=True)).iter_rows(named=True):
        given = _classes(classes, row["arm_therapies"]) - _classes(classes, row["control_arm_therapies"])
        own = row["population_id"].removeprefix(f"{row['trial_id']}-")
        populations = {row["population_analysis_set"], own} & {*_SETS, own} - {"subgroup"}
        analyses = [a for a in _ANALYSES if a in ("latest", row["analysis"])]
        for therapy_class in given - {CONTROL}:
            for population in populations:
                for setting in ("", row["trial_setting"]):
                    for analysis in analyses:
                        asked = Question(
                            therapy_class, row["endpoint_id"], row["measure"], population, setting, analysis
                        )
                        trials[asked].add(row["trial_id"])
    result = [q for q, own in trials.items() if len(own) >= _FEWEST]
    yield from sorted(result, key=lambda q: q.slug)


def _classes(classes: Mapping[str, frozenset[str]], therapies: str | None) -> set[str]:
    return set().union(*(classes[t] for t in (therapies or "").split("; ") if t in classes))


def _view(site: Site, one: Question, selection: Selection, drawn: dict[tuple[str, ...], str]) -> dict[str, Any]:
    """Give what the templates show of one question; draw its plots unless the same rows were drawn before."""
    evidence = site.evidence
    endpoint = evidence["endpoints"].row(one.endpoint)
    class_name = label(evidence, BY_TABLE["therapy_classes"], one.therapy_class)
    view: dict[str, Any] = {
        "slug": one.slug,
        "title": f"{class_name}: {endpoint['name']}",
        "class_place": address(BY_TABLE["therapy_classes"], one.therapy_class),
        "class_name": class_name,
        "endpoint": endpoint["name"],
        "measure": words(one.measure),
        "unit": measure(one.measure),
        "population": words(one.population.replace("-", "_")) if one.population in _SETS else one.population,
        "setting": words(one.setting) if one.setting else "any setting",
        "analysis": "the latest analysis of each trial" if one.analysis == "latest" else f"{one.analysis} analyses",
        "arms": _ARMS[one.add_on],
        "add_on": one.add_on,
        "unlike": [],
        "other": "",
        "command": one.command,
        "left_out": _left_out(evidence, selection),
        "plot": "",
        "funnel": "",
        "pooled": [],
        "studies": _studies(evidence, selection.included),
        "k": selection.included.height,
    }
    if selection.included.height < _FEWEST:
        return view
    pooled = {model: meta_analysis(selection.included, model) for model in INVERSE_VARIANCE}
    weights = {m: dict(p.studies.select("result_id", "weight").iter_rows()) for m, p in pooled.items()}
    for study in view["studies"]:
        study["weights"] = [f"{weights[m][study['id']]:.1f}" for m in ("fixed", "reml")]
    view["pooled"] = [_pooled(pooled[m]) for m in ("fixed", "dl", "reml")]
    view["summary"] = _summary(pooled["reml"])
    rows = tuple(selection.included["result_id"])
    if rows not in drawn:
        drawn[rows] = one.slug
        _draw(site, one.slug, pooled["reml"])
    view["plot"] = f"forest/plots/{drawn[rows]}.svg"
    view["funnel"] = f"forest/plots/{drawn[rows]}-funnel.svg" if len(rows) >= FEWEST_FOR_FUNNEL else ""
    return view


def _draw(site: Site, slug: str, pooled: MetaAnalysis) -> None:
    import vl_convert
    from altair.utils.schemapi import debug_mode

    # Altair checks each part of a chart against its schema, which takes longer than drawing it: the tests do that once.
    with debug_mode(False):
        charts = {slug: forest_plot(pooled, also=("dl", "fixed")).to_dict(validate=False)}
        if pooled.k >= FEWEST_FOR_FUNNEL:
            charts[f"{slug}-funnel"] = funnel(pooled).to_dict(validate=False)
    for name, chart in charts.items():
        site.save(f"forest/plots/{name}.svg", str(vl_convert.vegalite_to_svg(chart, config=_LOOK)).encode())


def _pooled(p: MetaAnalysis) -> dict[str, str]:
    ahead = "" if p.prediction_low is None else f"{p.prediction_low:.2f} to {p.prediction_high:.2f}"
    return {
        "model": p.title,
        "estimate": f"{p.estimate:.2f}",
        "interval": f"{p.ci_low:.2f} to {p.ci_high:.2f}",
        "p": f"{p.p_value:.3g}",
        "i2": f"{p.i2:.0f} %",
        "tau2": f"{p.tau2:.4f}",
        "q": f"{p.q:.2f} (p {p.q_p_value:.3g})",
        "prediction": ahead,
    }


def _summary(p: MetaAnalysis) -> str:
    return (
        f"{p.k} studies, {words(p.measure)} {p.estimate:.2f} ({p.ci_level:g}% CI {p.ci_low:.2f} to {p.ci_high:.2f}), "
        f"{p.title}; I² {p.i2:.0f} %, prediction interval {p.prediction_low:.2f} to {p.prediction_high:.2f}"
    )


def _studies(evidence: Evidence, rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Give a line of the table per trial, its interval at the level that the plot shows all of them at."""
    shown = []
    for row in rows.iter_rows(named=True):
        # Combined arms have the ids of their results, joined by a plus sign.
        printed = evidence["effects"].row(row["result_id"].partition("+")[0])
        place = address(BY_TABLE["trials"], row["trial_id"])
        line = {
            "id": row["result_id"],
            "trial": row["acronym"],
            "place": f"{place}#effects.{printed['effect_id']}",
            "comparison": f"{row['arm']} against {row['control_arm']}",
            "analysis": words(row["analysis"]),
            "estimate": printed["estimate"],
            "interval": f"{printed['ci_low']} to {printed['ci_high']}",
            "rescaled": "",
            "weights": ["", ""],
            "source": row["source"],
            "source_place": address(BY_TABLE["citations"], row["citation_id"]),
            "second_read": words(row["second_read"]),
        }
        if row["derived_from"] is not None:
            line["estimate"] = f"{row['estimate']:.2f}"
            line["interval"] = f"{row['ci_low']:.2f} to {row['ci_high']:.2f}"
            line["rescaled"] = row["derived_from"]
        elif row["ci_level"] is None:
            line["rescaled"] = f"level not printed; taken as {USUAL:g} %"
        elif row["ci_level"] != USUAL:
            low, high = at_level(row["estimate"], row["standard_error"], is_ratio=row["measure"] in RATIOS)
            line["interval"] = f"{low:.2f} to {high:.2f}"
            line["rescaled"] = printed_as(printed["ci_low"], printed["ci_high"], row["ci_level"], USUAL)
        shown.append(line)
    return shown


def _left_out(evidence: Evidence, selection: Selection) -> list[dict[str, str]]:
    shown = []
    # What is about another question than that of the page is only counted.
    own = selection.excluded.filter(~pl.col("criterion").is_in(_OTHER_QUESTIONS))
    for row in own.iter_rows(named=True):
        printed = evidence["effects"].row(row["result_id"])
        place = address(BY_TABLE["trials"], printed["trial_id"])
        shown.append({**row, "place": f"{place}#effects.{row['result_id']}"})
    return shown


def _js_name(slug: str) -> str:
    return "q_" + slug.replace("-", "_")


def _write_chooser(site: Site, shown: list[tuple[Question, dict[str, Any]]]) -> None:
    choices = []
    names: dict[str, dict[str, str]] = {field: {} for field in _FIELDS}
    for one, view in shown:
        chosen = {
            "class": (one.therapy_class, view["class_name"]),
            "endpoint": (f"{one.endpoint} {one.measure}", f"{view['endpoint']}, {view['measure']}"),
            "population": (one.population, view["population"]),
            "setting": (one.setting or "any", view["setting"]),
            "analysis": (one.analysis, heading(view["analysis"])),
            "arms": ("add-on" if one.add_on else "every", heading(view["arms"])),
        }
        choices.append({**{field: value for field, (value, _) in chosen.items()}, "slug": one.slug, "k": view["k"]})
        for field, (value, said) in chosen.items():
            names[field][value] = said
    first = next((view for one, view in shown if one == _FIRST), shown[0][1])
    site.script("data/forest.js", ("questions",), {"choices": choices, "names": names, "first": first["slug"]})
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _, view in shown:
        groups[view["class_name"]].append(view)
    site.write(
        "forest/index.html",
        "forest",
        "Forest plots",
        q=first,
        fields=_FIELDS,
        groups=sorted(groups.items()),
        total=len(shown),
        poolable=sum(bool(v["plot"]) for _, v in shown),
    )
