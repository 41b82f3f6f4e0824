"""Which rows have a page of their own, and its address, which depends only on the id."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .evidence import Evidence, Row


@dataclass(frozen=True, slots=True)
class PageKind:
    """A kind of page.

    Attributes:
        name: what one of them is called.
        plural: what many are called.
        table: the table whose rows they are.
        key: its primary key.
        folder: of their pages.
        label: the column that names a row; empty for citations, which their first author and year name.
    """

    name: str
    plural: str
    table: str
    key: str
    folder: str
    label: str


KINDS = (
    PageKind("therapy", "therapies", "therapies", "therapy_id", "therapies", "name"),
    PageKind("therapy class", "therapy classes", "therapy_classes", "class_id", "classes", "name"),
    PageKind("trial", "trials", "trials", "trial_id", "trials", "acronym"),
    PageKind("mechanism", "mechanisms", "mechanisms", "mechanism_id", "mechanisms", "name"),
    PageKind("gene", "genes", "genes", "gene_id", "genes", "symbol"),
    PageKind("claim", "claims", "claims", "claim_id", "claims", "statement"),
    PageKind("citation", "citations", "citations", "citation_id", "citations", ""),
)
KIND_BY_TABLE = {kind.table: kind for kind in KINDS}
# The rows of these tables are on the page of the row that this column refers to.
OWNER_COLUMNS = {
    "arms": "trial_id",
    "populations": "trial_id",
    "effects": "trial_id",
    "outcomes": "trial_id",
    "adverse_events": "trial_id",
    "therapy_names": "therapy_id",
    "therapy_identifiers": "therapy_id",
    "therapy_targets": "therapy_id",
    "approvals": "therapy_id",
    "mechanism_genes": "mechanism_id",
    "mechanism_evidence": "mechanism_id",
    "interactions": "source_gene_id",
    "claim_subjects": "claim_id",
}


def slug(key: str) -> str:
    """Make a file name of an id: what is neither letter, digit, dot nor underscore becomes a hyphen."""
    return re.sub(r"[^\w.-]+", "-", key)


def page_address(kind: PageKind, key: str) -> str:
    """Return the address of a page, from the site's root."""
    return f"{kind.folder}/{slug(key)}.html"


def label(evidence: Evidence, kind: PageKind, key: str) -> str:
    """Name a row as text names it."""
    if not kind.label:
        return evidence.source_names[key]
    return evidence[kind.table].row(key)[kind.label]


def row_address(evidence: Evidence, table: str, row: Row) -> str:
    """Return the address of a row: a page, or an anchor of one; empty for a row that has none."""
    if table in KIND_BY_TABLE:
        return page_address(KIND_BY_TABLE[table], row[KIND_BY_TABLE[table].key])
    if table not in OWNER_COLUMNS:
        return ""
    column = OWNER_COLUMNS[table]
    target = evidence[table].references[column][0]
    owner = row[column]
    of_trial = column == "trial_id"
    address = trial_rows_address(evidence, table, owner) if of_trial else page_address(KIND_BY_TABLE[target], owner)
    return f"{address}#{anchor(evidence, table, row)}"


def trial_rows_address(evidence: Evidence, table: str, trial: str) -> str:
    """Return the page that has all rows of a trial in a table: its own, or one beside it where there are many."""
    address = page_address(KIND_BY_TABLE["trials"], trial)
    if table not in evidence.separate_pages.get(trial, ()):
        return address
    return f"{address.removesuffix('.html')}-{table.replace('_', '-')}.html"


def anchor(evidence: Evidence, table: str, row: Row) -> str:
    """Return the id of a row in a page."""
    return anchor_from_key(table, evidence[table].row_key(row))


def anchor_from_key(table: str, key: str) -> str:
    """Return the id in a page of a row known by its key alone, its parts joined by a bar."""
    return f"{table}." + re.sub(r"[^\w.-]", lambda m: f"-{ord(m[0]):x}-", key)
