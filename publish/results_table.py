"""One flat table of results for people: each result in words, with how sure it is and its source; ids last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from luminaldb.loaders.biomarkers import BIOMARKERS_BY_KEY, population_biomarkers
from luminaldb.loaders.certainty import certainty
from luminaldb.loaders.database import Database
from luminaldb.loaders.views import CONTROL_CLASS, RESULT_TABLES, join_results, read_with_current_columns

from .labels import abbreviate_measure, code_in_words

RESULTS_TABLE = "trial_results"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the flat table.

    Attributes:
        name: in files for programs.
        title: for people.
        about: what it means.
        kind: text, number or date.
        facet: whether a reader chooses rows by its values.
    """

    name: str
    title: str
    about: str
    kind: str = "text"
    facet: bool = False


RESULTS_COLUMNS = (
    Column("trial", "Trial", "Acronym of the trial"),
    Column("year", "Year", "Year of the source", "number"),
    Column("setting", "Setting", "Setting of the disease", facet=True),
    Column("line", "Line", "Line of therapy of metastatic disease", facet=True),
    Column("her2_status", "HER2", "HER2 status of the population", facet=True),
    Column("hr_status", "HR", "Hormone receptor status of the population", facet=True),
    Column("phase", "Phase", "Phase of the trial", facet=True),
    Column("therapy_class", "Class tested", "Classes of the drugs that only the experimental arm has", facet=True),
    Column("drug", "Drug tested", "Drugs that only the experimental arm has", facet=True),
    Column("experimental", "Experimental arm", "Label of the experimental arm, or of the arm of a result by arm"),
    Column("control", "Control arm", "Label of the control arm"),
    Column("endpoint", "Endpoint", "What was measured", facet=True),
    Column("population", "Population", "Who was analysed"),
    Column("analysis_set", "Patients", "Everybody randomised, a subgroup, those treated, …", facet=True),
    Column("biomarker", "Biomarker", "Biomarkers that the population has", facet=True),
    Column("analysis", "Analysis", "Interim, primary, final, updated or exploratory; assessor and period"),
    Column("latest", "Latest", "Whether no later result estimates the same in the same patients", facet=True),
    Column("measure", "Measure", "Kind of the estimate"),
    Column("estimate", "Estimate", "As printed", "number"),
    Column("ci_low", "Interval from", "Lower limit, as printed", "number"),
    Column("ci_high", "Interval to", "Upper limit, as printed", "number"),
    Column("ci_level", "Level, %", "Level of the interval", "number"),
    Column("p", "P", "P value, as printed"),
    Column("significance", "Significance", "Whether the boundary of a formal test was met", facet=True),
    Column("experimental_value", "Experimental value", "Result of the experimental arm"),
    Column("control_value", "Control value", "Result of the control arm"),
    Column("n_experimental", "Patients, experimental", "Patients analysed", "number"),
    Column("n_control", "Patients, control", "Patients analysed", "number"),
    Column("events_experimental", "Events, experimental", "Patients with an event", "number"),
    Column("events_control", "Events, control", "Patients with an event", "number"),
    Column("follow_up_months", "Follow-up, months", "Median follow-up", "number"),
    Column("data_cutoff", "Data cut-off", "Date of the data", "date"),
    Column("certainty", "How sure", "What was read and how often; not the quality of the trial", facet=True),
    Column("source", "Source", "First author, else publisher, and year"),
    Column("source_level", "Read in", "What the curator opened", facet=True),
    Column("second_read", "Second read", "What a second reader found", facet=True),
    Column("doi", "DOI", "Digital object identifier of the source"),
    Column("url", "Address", "Where the source is"),
    Column("registry_id", "Registry", "Number of the trial's registration"),
    Column("note", "Note", "What else there is to say"),
    Column("result_id", "Result id", "Key of the row of effects or outcomes"),
    Column("result_type", "Table", "effect: between two arms; outcome: of one arm"),
    Column("trial_id", "Trial id", "Key of the trial"),
    Column("endpoint_id", "Endpoint id", "Key of the endpoint"),
    Column("population_id", "Population id", "Key of the population"),
    Column("citation_id", "Source id", "Key of the source"),
)
_SCHEMA = {c.name: {"number": pl.Float64, "date": pl.Date}.get(c.kind, pl.String) for c in RESULTS_COLUMNS}
_SCHEMA["year"] = pl.Int64
for _count in ("n_experimental", "n_control", "events_experimental", "events_control"):
    _SCHEMA[_count] = pl.Int64


def results_table(database: Database) -> pl.DataFrame:
    """Return the flat table of a database: every effect, and every outcome that no effect compares.

    Results of retracted sources stay, and their grade says so. The latest result of an estimand comes before earlier
    ones, trials in the order of their names.
    """
    return results_frame(rows(database))


def results_frame(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Make a frame of rows of the flat table."""
    return pl.DataFrame(list(rows), schema=_SCHEMA, orient="row")


def rows(database: Database) -> Iterator[dict[str, Any]]:
    """Yield the rows of the flat table, typed."""
    read = read_with_current_columns(database, RESULT_TABLES)
    joined_results = join_results(read, include_superseded=True)
    latest = set(join_results(read, analysis="latest")["result_id"])
    names = _Names(database)
    results = joined_results.to_dicts()
    by_arm = _values(r for r in results if r["result_type"] == "outcome")
    compared_ids: set[str] = set()
    effects = [_row(r, names, latest, by_arm, compared_ids) for r in results if r["result_type"] == "effect"]
    outcomes = [
        _row(r, names, latest, by_arm, set())
        for r in results
        if r["result_type"] == "outcome" and r["result_id"] not in compared_ids
    ]
    ordered_rows = sorted(
        [*effects, *outcomes],
        key=lambda r: (r["trial"].casefold(), r["result_type"], r["latest"] != "latest", r["endpoint"], r["result_id"]),
    )
    yield from ordered_rows


class _Names:
    """Names of therapies, classes and endpoints, and biomarkers of populations."""

    def __init__(self, database: Database) -> None:
        self.therapies = dict(database.frame("therapies").select("therapy_id", "name").iter_rows())
        self.classes = dict(database.frame("therapies").select("therapy_id", "class_id").iter_rows())
        self.class_names = dict(database.frame("therapy_classes").select("class_id", "name").iter_rows())

    def tested_therapies(self, row: Mapping[str, Any]) -> list[str]:
        """Return the therapies that only the experimental arm has; all of a single arm."""
        experimental = (row["arm_therapies"] or "").split("; ") if row["arm_therapies"] else []
        control = set((row["control_arm_therapies"] or "").split("; "))
        return [t for t in experimental if t not in control and self.classes.get(t) != CONTROL_CLASS]


def _values(outcomes: Iterator[Mapping[str, Any]]) -> Mapping[tuple[Any, ...], list[Mapping[str, Any]]]:
    result: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in outcomes:
        result[_analysis_of_arm(row, row["arm_id"])].append(row)
    return result


def _analysis_of_arm(row: Mapping[str, Any], arm: str) -> tuple[Any, ...]:
    return (row["population_id"], row["endpoint_id"], row["analysis"], row["citation_id"], arm)


def value_in_words(row: Mapping[str, Any]) -> str:
    """Write the value of an arm: 52.6 months, 75.8 % at 12 months."""
    number = row["estimate"]
    if number in (None, ""):
        return "not reached" if row["measure"] == "median_months" else ""
    text = number if isinstance(number, str) else f"{number:.10g}"
    unit = {"median_months": " months", "percent": " %", "percent_at": " %"}.get(str(row["measure"]), "")
    months = row["at_months"]
    return f"{text}{unit}" + (f" at {float(months):g} months" if months not in (None, "") else "")


def pair_in_words(first: str, second: str) -> str:
    """Set the values of two arms side by side, with what they share only once: 52.6 against 42.7 months."""
    shared_words = 0
    first_words, second_words = first.split(" "), second.split(" ")
    while (
        shared_words < min(len(first_words), len(second_words)) - 1
        and first_words[-1 - shared_words] == second_words[-1 - shared_words]
        and ";" not in first + second
    ):
        shared_words += 1
    first_part = " ".join(first_words[: len(first_words) - shared_words])
    return f"{first_part} against {second}"


def _side(values: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(v for v in map(value_in_words, values) if v)


def _row(
    row: Mapping[str, Any],
    names: _Names,
    latest: set[str],
    by_arm: Mapping[tuple[Any, ...], list[Mapping[str, Any]]],
    compared_ids: set[str],
) -> dict[str, Any]:
    effect = row["result_type"] == "effect"
    experimental_values = by_arm.get(_analysis_of_arm(row, row["arm_id"]), []) if effect else [row]
    control_values = by_arm.get(_analysis_of_arm(row, row["control_arm_id"]), []) if effect else []
    compared_ids.update(r["result_id"] for r in (*experimental_values, *control_values) if effect)
    tested_therapies = names.tested_therapies(row)
    classes = dict.fromkeys(names.class_names[names.classes[t]] for t in tested_therapies if t in names.classes)
    level = str(row["source_level"])
    p = f"{row['p_operator'] or '='} {row['p_value']:.10g}" if row["p_value"] is not None else ""
    markers = population_biomarkers(
        row["population_name"] or "", row["population_biomarker"] or "", str(row["population_her2_status"] or "")
    )
    return {
        "trial": row["acronym"],
        "year": row["source_year"],
        "setting": _text(row["trial_setting"]),
        "line": _text(row["trial_line"]),
        "her2_status": _text(row["population_her2_status"] or row["trial_her2_status"]),
        "hr_status": _text(row["population_hr_status"] or row["trial_hr_status"]),
        "phase": _text(row["trial_phase"]),
        "therapy_class": "; ".join(classes),
        "drug": "; ".join(names.therapies[t] for t in tested_therapies),
        "experimental": row["arm"],
        "control": row["control_arm"],
        "endpoint": row["endpoint"],
        "population": row["population_name"],
        "analysis_set": _text(row["population_analysis_set"]),
        "biomarker": "; ".join(BIOMARKERS_BY_KEY[k].name for k in markers),
        "analysis": ", ".join(_text(row[c]) for c in ("analysis", "assessor", "period") if row[c]),
        "latest": "latest" if row["result_id"] in latest else "earlier or retracted",
        "measure": abbreviate_measure(str(row["measure"])),
        "estimate": row["estimate"] if effect else None,
        "ci_low": row["ci_low"] if effect else None,
        "ci_high": row["ci_high"] if effect else None,
        "ci_level": row["ci_level"] if effect and not row["ci_level_assumed"] else None,
        "p": p,
        "significance": _text(row["significance"]),
        "experimental_value": _side(experimental_values),
        "control_value": _side(control_values),
        "n_experimental": row["n_experimental"] if effect else row["n"],
        "n_control": row["n_control"],
        "events_experimental": row["events_experimental"] if effect else row["events"],
        "events_control": row["events_control"],
        "follow_up_months": row["median_follow_up_months"],
        "data_cutoff": row["data_cutoff"],
        "certainty": certainty(level, str(row["second_read"]), str(row["publication_status"])).text,
        "source": row["source"],
        "source_level": code_in_words(level),
        "second_read": code_in_words(str(row["second_read"])),
        "doi": row["doi"],
        "url": row["url"] or (f"https://doi.org/{row['doi']}" if row["doi"] else None),
        "registry_id": row["trial_registry_id"],
        "note": row["note"],
        **{
            c: str(row[c])
            for c in ("result_id", "result_type", "trial_id", "endpoint_id", "population_id", "citation_id")
        },
    }


def _text(value: object) -> str:
    """Write a value of an enum in words; empty where there is none or it doesn't apply."""
    return "" if value in (None, "", "na") else code_in_words(str(value))
