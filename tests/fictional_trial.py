"""A trial that never was, from its citation to a claim: what a curator enters, in the order of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from luminaldb.cli.new_trial import columns_filled_by_bundle, rarely_filled_columns
from luminaldb.loaders.database import Database

CITATION = "aardvark-2026-fiction"
TRIAL = "fiction-1"
SOURCE = {"citation_id": CITATION, "locator": "abstract", "source_level": "abstract"}
EFFECT = {
    "trial_id": TRIAL,
    "population_id": f"{TRIAL}-itt",
    "experimental_arm_id": f"{TRIAL}-fulvestrant",
    "control_arm_id": f"{TRIAL}-letrozole",
    "analysis": "primary",
    "measure": "hazard_ratio",
    "ci_level": "95",
    **SOURCE,
}
BUNDLE: list[tuple[str, dict[str, str]]] = [
    (
        "citations",
        {
            "citation_id": CITATION,
            "citation_type": "article",
            "title": "Fulvestrant or letrozole: a trial that never was",
            "authors": "Aardvark A; Beaver B",
            "journal": "Journal of Examples",
            "year": "2026",
            "pmid": "49999999",
            "doi": "10.5555/fiction.1",
            "language": "en",
            "publication_status": "published",
        },
    ),
    (
        "trials",
        {
            "trial_id": TRIAL,
            "acronym": "FICTION-1",
            "title": "Fulvestrant or letrozole as first endocrine therapy",
            "phase": "2",
            "design": "randomised",
            "masking": "open_label",
            "setting": "metastatic",
            "line": "first",
            "menopausal_status": "postmenopausal",
            "hr_status": "positive",
            "her2_status": "negative",
            "n_enrolled": "200",
            "start_year": "2020",
            "status": "completed",
            "status_as_of": "2026-01-15",
            "sponsor_type": "academic",
            "primary_endpoint_id": "pfs",
            "citation_id": CITATION,
        },
    ),
    (
        "arms",
        {
            "arm_id": f"{TRIAL}-fulvestrant",
            "trial_id": TRIAL,
            "label": "Fulvestrant",
            "role": "experimental",
            "n_assigned": "101",
        },
    ),
    (
        "arms",
        {
            "arm_id": f"{TRIAL}-letrozole",
            "trial_id": TRIAL,
            "label": "Letrozole",
            "role": "control",
            "n_assigned": "99",
        },
    ),
    (
        "arm_therapies",
        {"arm_id": f"{TRIAL}-fulvestrant", "therapy_id": "fulvestrant", "optional": "false", "dose": "500 mg"},
    ),
    (
        "arm_therapies",
        {"arm_id": f"{TRIAL}-letrozole", "therapy_id": "letrozole", "optional": "false", "dose": "2.5 mg"},
    ),
    (
        "populations",
        {
            "population_id": f"{TRIAL}-itt",
            "trial_id": TRIAL,
            "name": "All randomized patients",
            "analysis_set": "itt",
            "hr_status": "positive",
            "her2_status": "negative",
            "menopausal_status": "postmenopausal",
            "n": "200",
        },
    ),
    (
        "effects",
        {
            **EFFECT,
            "effect_id": f"{TRIAL}-pfs-itt-primary",
            "endpoint_id": "pfs",
            "is_primary_endpoint": "true",
            "estimate": "0.80",
            "ci_low": "0.60",
            "ci_high": "1.07",
            "n_experimental": "101",
            "n_control": "99",
        },
    ),
    (
        "effects",
        {
            **EFFECT,
            "effect_id": f"{TRIAL}-os-itt-primary",
            "endpoint_id": "os",
            "is_primary_endpoint": "false",
            "estimate": "0.90",
            "ci_low": "0.62",
            "ci_high": "1.31",
        },
    ),
    (
        "printed_numbers",
        {
            "table_name": "effects",
            "row_key": f"{TRIAL}-pfs-itt-primary",
            "citation_id": CITATION,
            "printed": "101 and 99 patients; HR 0.80; 95% CI 0.60-1.07",
            "seen_on": "2026-01-15",
        },
    ),
    (
        "printed_numbers",
        {
            "table_name": "effects",
            "row_key": f"{TRIAL}-os-itt-primary",
            "citation_id": CITATION,
            "printed": "HR 0.90; 95% CI 0.62-1.31",
            "seen_on": "2026-01-15",
        },
    ),
]
CLAIM: list[tuple[str, dict[str, str]]] = [
    (
        "claims",
        {
            "claim_id": f"{TRIAL}-no-difference",
            "statement": "In FICTION-1, fulvestrant did not prolong progression-free survival over letrozole.",
            "claim_type": "efficacy",
            "certainty": "supported",
            "disease_context": "er_positive_her2_negative",
            "as_of_year": "2026",
            **SOURCE,
        },
    ),
    ("claim_subjects", {"claim_id": f"{TRIAL}-no-difference", "position": "1", "trial_id": TRIAL, "stance": "about"}),
]
ROWS = [*BUNDLE, *CLAIM]
BUNDLE_TABLES = [
    "citations", "therapies", "trials", "arms", "arm_therapies", "populations", "effects", "outcomes",
    "adverse_events", "printed_numbers",
]  # fmt: skip
NEEDED = ("trials", "arms", "arm_therapies", "populations")
ONCE = ("citations", "trials")


def answers(table: str, cells: dict[str, str]) -> list[str]:
    """Return what is typed for a row, column by column."""
    return [cells.get(name, "") or ":empty" for name in Database.installed().resource(table).schema.names]


def bundle_answers() -> Iterator[str]:
    """Yield what is typed for the whole trial, up to the last yes."""
    tables = Database.installed()
    rows = {table: [cells for _, cells in part] for table, part in groupby(BUNDLE, key=lambda row: row[0])}
    for table in BUNDLE_TABLES:
        own = rows.get(table, [])
        for number, cells in enumerate(own):
            if number or table not in NEEDED:
                yield "y"
            rare = rarely_filled_columns(tables, table)
            asked = [
                name for name in tables.resource(table).schema.names if name not in columns_filled_by_bundle(table)
            ]
            yield from (cells.get(name, "") or ":empty" for name in asked if name not in rare)
            if rare and (wanted := [name for name in rare if cells.get(name)]):
                raise LookupError(f"{table}: {wanted} are rare columns, which the example leaves empty")
            if rare:
                yield "n"
        if table not in ONCE or not own:
            yield "n"
    yield "y"
