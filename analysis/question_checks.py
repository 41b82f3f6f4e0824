"""Make a question from the arguments of `comparisons()`; names that don't exist are refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database
from luminaldb.loaders.names import class_id, therapy_id
from luminaldb.loaders.suggestions import allowed_values, refuse_unknown

from .count_data import COUNTED_MEASURES
from .question import ARM_CHOICES, DERIVATIONS, ENDPOINT_GROUPS, MIXABLE, PRIMARY, Question
from .question_title import therapy_names, write_title
from .trial_names import trial_ids

_RESPONSE_FAMILIES = frozenset({"response", "pathological"})


def make_question(database: Database, **arguments: Any) -> Question:
    """Check every name of a question.

    Args:
        database: whose names are known.
        arguments: those of `comparisons`.

    Raises:
        LuminaldbError: a name is unknown; the message names the nearest. Also arguments that contradict one another.
    """
    endpoints = _endpoints(arguments["endpoint"], database)
    term = arguments["adverse_event"]
    if bool(endpoints) == bool(term):
        raise LuminaldbError("name an endpoint or an adverse_event, not " + ("both" if term else "neither"))
    therapies: dict[str, Any] = dict.fromkeys(("therapy", "control"))
    therapies |= {name: therapy_id(arguments[name], database) for name in therapies if arguments[name] is not None}
    classes: dict[str, Any] = dict.fromkeys(("therapy_class", "control_class"))
    classes |= {name: _class(arguments[name], database) for name in classes if arguments[name] is not None}
    for therapy_option, class_option in (("therapy", "therapy_class"), ("control", "control_class")):
        if arguments[therapy_option] is not None and arguments[class_option] is not None:
            raise LuminaldbError(f"name a {therapy_option} or a {class_option}, not both")
    if arguments["add_on"] and not (arguments["therapy"] or arguments["therapy_class"]):
        raise LuminaldbError("add_on needs a therapy_class")
    grade = arguments["grade"]
    if term is not None:
        term = _term(term, database)
        refuse_unknown("grade", grade, allowed_values("adverse_events", "grade", database), table="adverse_events")
    gene = _gene(arguments["biomarker"], database) if arguments["biomarker"] is not None else None
    measure = _measure(arguments["measure"], endpoints, term, database)
    default_populations = () if arguments["biomarker"] or term else _usual_populations(endpoints, measure, database)
    question = Question(
        endpoints=endpoints,
        adverse_event=term,
        grade=grade,
        **therapies,
        **classes,
        populations=default_populations
        if arguments["population"] is None
        else _populations(arguments["population"], database),
        biomarker=arguments["biomarker"],
        biomarker_gene=gene,
        trial_values=_trial_values(arguments, database),
        chemotherapy=arguments["chemotherapy"],
        years=_years(arguments["years"]) if arguments["years"] is not None else None,
        measure=measure,
        at_months=arguments["at_months"],
        assessors=_check_values(
            "assessor", arguments["assessor"], _allowed_values("effects", "assessor", database), "effects"
        ),
        arms=_arms(arguments["arms"], database),
        mixed=_mixed(arguments["mixed"]),
        derive=_derive(arguments["derive"]),
        add_on=arguments["add_on"],
        analysis=_analysis(arguments["analysis"], database),
        trials=trial_ids(as_tuple(arguments["trials"]), database) if arguments["trials"] is not None else (),
    )
    names = therapy_names(database)
    control = names.get(question.control or question.control_class or "", "")
    return replace(question, title=write_title(question, names, database), control_name=control)


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Return one value or several as a tuple; None gives none."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)


def _allowed_values(table: str, column: str, database: Database) -> tuple[str, ...]:
    """Return the values that a column may have; those of today where a release lacks the column."""
    fields = {field.name for field in database.resource(table).schema.fields}
    return allowed_values(table, column, database if column in fields else Database.installed())


def _check_values(what: str, value: Any, known_names: Sequence[str], table: str) -> tuple[str, ...]:
    values = as_tuple(value)
    for name in values:
        refuse_unknown(what, name, known_names, table=table)
    return values


def _endpoints(value: Any, database: Database) -> tuple[str, ...]:
    known_ids = database.frame("endpoints")["endpoint_id"].to_list()
    endpoints: list[str] = []
    for endpoint in as_tuple(value):
        group = [e for e in ENDPOINT_GROUPS.get(endpoint, ()) if e in known_ids]
        if not group:
            refuse_unknown("endpoint", endpoint, [*known_ids, *ENDPOINT_GROUPS], table="endpoints")
        endpoints += [e for e in (group or [endpoint]) if e not in endpoints]
    return tuple(endpoints)


def _class(name: str, database: Database) -> str:
    known_id = class_id(name, database)
    if not any(known_id in classes for classes in database.classes_of_therapies.values()):
        raise LuminaldbError(f"no therapy in the tables is of class {known_id!r}; luminaldb show therapies lists them")
    return known_id


def _term(name: str, database: Database) -> str:
    terms = database.frame("adverse_event_terms")
    names: dict[str, str] = {}
    for row in terms.iter_rows(named=True):
        for synonym in (row["term_id"], row["name"], *(row["synonyms"] or "").split("; ")):
            names.setdefault(synonym.lower(), row["term_id"])
    lower_name = name.lower()
    if lower_name in ("any", "all"):
        lower_name = "any-adverse-event"
    refuse_unknown("adverse event", lower_name, list(filter(None, names)), table="adverse_event_terms")
    return names[lower_name]


def _gene(name: str, database: Database) -> str | None:
    genes = {symbol.lower(): gene for symbol, gene in database.frame("genes").select("symbol", "gene_id").iter_rows()}
    if name.lower() in genes:
        return str(genes[name.lower()])
    texts = database.frame("populations")["biomarker"].drop_nulls().unique().to_list()
    refuse_unknown("biomarker", name, [*sorted(genes), *sorted(texts)], table="populations")
    return None


def _usual_populations(endpoints: tuple[str, ...], measure: str, database: Database) -> tuple[str, ...]:
    """Return the populations of a question that names none; of responses also the evaluable patients."""
    families = dict(database.frame("endpoints").select("endpoint_id", "family").iter_rows())
    responses = (
        measure in COUNTED_MEASURES and {str(families[endpoint]) for endpoint in endpoints} <= _RESPONSE_FAMILIES
    )
    return ("itt", "evaluable") if responses else ("itt",)


def _populations(value: Any, database: Database) -> tuple[str, ...]:
    sets = allowed_values("populations", "analysis_set", database)
    suffix = pl.col("population_id").str.strip_prefix(pl.concat_str("trial_id", pl.lit("-")))
    ends = database.frame("populations").select(suffix.unique())["population_id"].to_list()
    names = tuple(
        population if population in sets else str(population).replace("_", "-") for population in as_tuple(value)
    )
    for population in names:
        refuse_unknown("population", population, [*sets, PRIMARY, *ends], table="populations")
    return names


def _trial_values(arguments: dict[str, Any], database: Database) -> tuple[tuple[str, tuple[str, ...]], ...]:
    trial_values = []
    for column in ("setting", "line", "her2_status", "hr_status", "menopausal_status", "phase", "masking"):
        if values := as_tuple(arguments[column]):
            trial_values.append(
                (column, _check_values(column, values, _allowed_values("trials", column, database), "trials"))
            )
    if values := as_tuple(arguments["source_level"]):
        levels = allowed_values("effects", "source_level", database)
        trial_values.append(("source_level", _check_values("source_level", values, levels, "effects")))
    return tuple(trial_values)


def _years(value: Any) -> tuple[int | None, int | None]:
    ends = as_tuple(value)
    if len(ends) != 2 or not all(end is None or isinstance(end, int) for end in ends):  # noqa: PLR2004
        raise LuminaldbError(f"years={value!r} is not a pair of a first and a last year, such as (2015, 2024)")
    return ends[0], ends[1]


def _measure(value: str | None, endpoints: tuple[str, ...], event: str | None, database: Database) -> str:
    if value is not None:
        refuse_unknown("measure", value, allowed_values("effects", "measure", database), table="effects")
        if event is not None and value not in COUNTED_MEASURES:
            raise LuminaldbError(f"adverse events are counted: choose a measure from {', '.join(COUNTED_MEASURES)}")
        return value
    if event is not None:
        return COUNTED_MEASURES[0]
    families = dict(database.frame("endpoints").select("endpoint_id", "family").iter_rows())
    return "hazard_ratio" if str(families[endpoints[0]]) == "time_to_event" else COUNTED_MEASURES[0]


def _arms(value: Any, database: Database) -> str | tuple[str, ...]:
    if value in ARM_CHOICES:
        return str(value)
    known_ids = database.frame("arms")["arm_id"].to_list()
    if isinstance(value, str) and value not in known_ids:
        refuse_unknown("choice of arms", value, [*ARM_CHOICES, *known_ids], table="arms")
    return _check_values("arm", value, known_ids, "arms")


def _mixed(value: Any) -> tuple[str, ...]:
    if isinstance(value, bool):
        return MIXABLE if value else ()
    return _check_values("mix", value, MIXABLE, "trials")


def _derive(value: Any) -> tuple[str, ...]:
    if value == "all":
        return DERIVATIONS
    return _check_values("derivation", value, DERIVATIONS, "effects")


def _analysis(value: str, database: Database) -> str:
    if value != "latest":
        refuse_unknown("analysis", value, ("latest", *allowed_values("effects", "analysis", database)), table="effects")
    return value
