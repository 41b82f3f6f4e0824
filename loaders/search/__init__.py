"""Find anything by its names, identifiers or words: answers first, each with the command that shows more."""

from __future__ import annotations

import shlex
from functools import lru_cache

import polars as pl

from luminaldb.loaders.database import Database
from luminaldb.loaders.frames import DataSource

from .documents import Document
from .entities import entities
from .phrases import collect_phrases, phrase_lengths
from .ranking import Hit, Index
from .results import results
from .statements import statements
from .tables import Tables
from .text import bare_identifier, join_words

_COLUMNS = ("table", "row_key", "label", "field", "value", "match", "kind", "detail", "next_command")


def search(text: str, *, version: str | None = None, path: DataSource = None) -> pl.DataFrame:
    """Search all tables by names, identifiers and words in any order.

    Case, accents, kinds of dashes and British or American spelling don't matter. Synonyms of the field count: `OS` is
    overall survival, `side effects` are adverse events, `HR+` is hormone receptor-positive. Rows that meet all terms
    come before rows that meet most, and those before rows that meet any. A name typed in full comes first.

    Args:
        text: a question (`T-DXd vs T-DM1 overall survival`), a name (`T-DM1`), an id, a DOI, PMID or NCT number bare,
            labelled or as an address.
        version: a release, see `load`.
        path: a folder or zip, see `load`.

    Returns:
        One row per row found, best first: table, row_key, label (the answer in words), field and value (the name that
        matched; else `text` and what else the row says), match (exact, all, most, any), kind (result, side effect,
        trial, …), detail, next_command (shows the row).
    """
    database = Database.find(path, version=version)
    index = index_of(database)
    data_options = f" --data-version {version}" if version else f" --in {shlex.quote(str(path))}" if path else ""
    names = {join_words(text), join_words(bare_identifier(text))}
    rows = []
    for hit in _find(database, text)[0]:
        document = index.documents[hit.document]
        field, value = _matched_field(document, names) if hit.match == "exact" else ("text", document.detail)
        rows.append(
            (document.table, document.key, document.title, field, value, hit.match, document.kind, document.detail,
             next_command(document) + data_options)
        )  # fmt: skip
    for table, old, new in _find_retired(database, text):
        document_of_successor = next((d for d in index.documents if (d.table, d.key) == (table, new)), None)
        title = document_of_successor.title if document_of_successor else new
        command = (
            next_command(document_of_successor) if document_of_successor else f"luminaldb show {table}"
        ) + data_options
        rows.insert(
            0,
            (
                table,
                new,
                title,
                "retired_id",
                old,
                "exact",
                document_of_successor.kind if document_of_successor else table,
                "",
                command,
            ),
        )
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String), orient="row")
    return frame.unique(["table", "row_key"], keep="first", maintain_order=True)


def search_note(text: str, *, version: str | None = None, path: DataSource = None) -> str:
    """Say where the rows that a search finds don't answer it: they meet a part of it, or compare nothing.

    Args:
        text: as of `search`, which gives the rows.
        version: a release, see `load`.
        path: a folder or zip, see `load`.
    """
    database = Database.find(path, version=version)
    return "" if _find_retired(database, text) else _find(database, text)[1]


@lru_cache(maxsize=4)
def _find(database: Database, text: str) -> tuple[list[Hit], str]:
    """Return what the index finds, and its note; cached, as `search` and `search_note` ask for the same."""
    return index_of(database).find_with_note(text)


@lru_cache(maxsize=4)
def index_of(database: Database) -> Index:
    """Return the index of a database; the last few are cached."""
    tables = Tables(database)
    phrases = collect_phrases(tables)
    return Index([*results(tables), *statements(tables), *entities(tables)], phrases, phrase_lengths(tables))


def next_command(document: Document) -> str:
    """Return the command that shows more of what was found."""
    table, key = document.table, document.key
    match table:
        case "effects" | "outcomes":
            return f"luminaldb show trial_results --where \"result_id = '{key}'\""
        case "trials":
            return f"luminaldb show trial_results --where \"trial_id = '{key}'\""
        case "therapies":
            return f"luminaldb show trial_results --where \"arm_therapies LIKE '%{key}%'\""
        case "therapy_classes":
            return f"luminaldb meta-analysis --endpoint pfs --therapy-class {key}"
        case "mechanisms":
            return f"luminaldb show mechanism_evidence --where \"mechanism_id = '{key}'\""
        case "genes":
            return f"luminaldb show mechanism_genes --where \"gene_id = '{key}'\""
        case "endpoints":
            return f"luminaldb show trial_results --where \"endpoint_id = '{key}'\""
        case "citations":
            return f"luminaldb show trial_results --where \"citation_id = '{key}'\""
        case "arm_therapies":
            return f"luminaldb show arm_therapies --where \"therapy_id = '{key.partition('|')[2]}'\""
    column = {
        "adverse_events": "adverse_event_id", "approvals": "approval_id", "regulatory_events": "event_id",
        "claims": "claim_id", "mechanism_evidence": "evidence_id", "interactions": "interaction_id", "arms": "arm_id",
        "populations": "population_id",
    }[table]  # fmt: skip
    return f"luminaldb show {table} --where \"{column} = '{key}'\""


def _matched_field(document: Document, names: set[str]) -> tuple[str, str]:
    value = next((n for n in document.names if join_words(n) in names), document.title)
    return ("id" if value == document.key else "name"), value


def _find_retired(database: Database, text: str) -> list[tuple[str, str, str]]:
    lower_text = text.strip().lower()
    return [(t, old, new) for (t, old), new in database.retired_ids.items() if new and old.lower() == lower_text]
