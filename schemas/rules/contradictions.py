"""Rules on cells that contradict one another: design and arms, population and trial, source and how it was read."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, joined_column, text_of
from ..checks import Check
from ..lookups import ReferenceCount, ValueLookup
from .rule import Example, Rule, has_fields

_RESULTS = ("effects", "outcomes", "adverse_events")
_NEGATIVE = ("negative", "low", "ultralow", "low_or_ultralow")
# A trial that asks for one of the first has no patients of the second, and the reverse.
_OPPOSITES = (
    ("hr_status", ("positive",), ("negative",)),
    ("her2_status", ("positive",), _NEGATIVE),
    ("menopausal_status", ("postmenopausal",), ("premenopausal", "premenopausal_or_perimenopausal")),
)
_LEVELS = (("registry_record", "registry"), ("drug_label", "label"))


def _arms_fit_design(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "trials" or not has_fields(schema, "trial_id", "design"):
        return
    count = ReferenceCount("::arms", "trial_id", (("arms", "trial_id"),))
    on = (("trial_id", "trial_id"),)
    control, experimental = (
        ValueLookup(f"::{role}_arm", "arms", on, "label", (("role", role),)) for role in ("control", "experimental")
    )
    has_control = ~nw.col(control.alias).is_null()
    yield Check(
        "LDB624",
        ("design", "trial_id"),
        (text_of("design") != "single_arm") | ~has_control,
        "{trial_id} has a single arm, and one of its arms is a control",
        "Correct the design, or the roles of the arms.",
        joined_columns=(control.alias,),
        lookups=(control,),
    )
    yield Check(
        "LDB624",
        ("design", "trial_id"),
        (nw.col(count.alias) <= 1) | ~has_control | ~nw.col(experimental.alias).is_null(),
        "all arms of {trial_id} are controls",
        "Say in role which arm is the experimental one.",
        joined_columns=(count.alias, control.alias, experimental.alias),
        lookups=(count, control, experimental),
    )


def _line_fits_setting(table: str, schema: TableSchema) -> Iterator[Check]:
    if table == "trials" and has_fields(schema, "setting", "line"):
        yield Check(
            "LDB625",
            ("line", "setting"),
            text_of("line").is_null() | (text_of("line") == "na") | (text_of("setting") == "metastatic"),
            "a line of therapy ({line}) in the setting {setting}",
            "Lines are counted in metastatic disease: correct setting, or empty line.",
        )


def _population_fits_trial(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "populations" or not has_fields(schema, "trial_id"):
        return
    for column, values, opposites in (o for o in _OPPOSITES if o[0] in schema.names):
        trial_column = joined_column("trial_id", column + TEXT)
        population_status, trial_status = text_of(column), nw.col(trial_column)
        yield Check(
            "LDB626",
            (column, "trial_id"),
            ~(
                (population_status.is_in(values) & trial_status.is_in(opposites))
                | (population_status.is_in(opposites) & trial_status.is_in(values))
            ),
            f"{column} of the population is {{{column}}}, and {{trial_id}} has no such patients",
            "Correct the population, or the trial: mixed, where it has both.",
            joined_columns=(trial_column,),
        )


def _level_fits_source(table: str, schema: TableSchema) -> Iterator[Check]:
    if table not in _RESULTS or not has_fields(schema, "source_level", "citation_id"):
        return
    kind = joined_column("citation_id", "citation_type" + TEXT)
    for source, level in _LEVELS:
        yield Check(
            "LDB627",
            ("source_level", "citation_id"),
            (nw.col(kind) == source) == (text_of("source_level") == level),
            f"source_level is {{source_level}}, and only {source} is read as {level}",
            "Name the source that was opened, and what it is.",
            joined_columns=(kind,),
        )


_TANDEM = {"trial_id": "tandem", "design": "randomised", "::arms": 2, "::experimental_arm": "Anastrozole"}
_POPULATION = {"population_id": "tandem-itt", "trial_id": "tandem", "trial_id::her2_status::text": "positive"}
_RECORD = {"effect_id": "e", "citation_id": "nct00022672", "citation_id::citation_type::text": "registry_record"}

RULES = (
    Rule(
        "LDB624",
        "Arms fit the design of their trial",
        "A trial of a single arm compares nothing, and of arms that are all controls nothing is tested.",
        _arms_fit_design,
        passing=Example("trials", ({**_TANDEM, "::control_arm": "Anastrozole"},)),
        failing=Example("trials", ({**_TANDEM, "design": "single_arm", "::control_arm": "Anastrozole"},)),
    ),
    Rule(
        "LDB625",
        "Lines of therapy are those of metastatic disease",
        "A line beside an adjuvant setting means that one of the two is wrong.",
        _line_fits_setting,
        passing=Example("trials", ({"trial_id": "tandem", "setting": "metastatic", "line": "first"},)),
        failing=Example("trials", ({"trial_id": "tandem", "setting": "adjuvant", "line": "first"},)),
    ),
    Rule(
        "LDB626",
        "A population has patients of its trial",
        "A trial that asks for HER2-positive disease has no HER2-negative population.",
        _population_fits_trial,
        passing=Example("populations", ({**_POPULATION, "her2_status": "positive"},)),
        failing=Example("populations", ({**_POPULATION, "her2_status": "negative"},)),
    ),
    Rule(
        "LDB627",
        "A registry record is read as one, and a label as one",
        "What was opened and what is cited are one thing: how far a number can be trusted hangs on it.",
        _level_fits_source,
        passing=Example("effects", ({**_RECORD, "source_level": "registry"},)),
        failing=Example("effects", ({**_RECORD, "source_level": "abstract"},)),
    ),
)
