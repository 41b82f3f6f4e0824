"""What to cite: a version of the dataset, and the papers behind rows of it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database
from luminaldb.loaders.frames import DataSource
from luminaldb.loaders.releases import index, versions
from luminaldb.loaders.retired import resolve_id

from .content import choose_content
from .dataset_metadata import read_metadata
from .references import csl

CITATIONS = "citations"


def dataset(version: str | None = None) -> csl.Item:
    """Return the dataset as a CSL-JSON item.

    Args:
        version: of a release; what is installed where omitted.

    Raises:
        ReleaseError: there is no such release.
    """
    metadata = read_metadata(choose_content())
    number, date = metadata.version, metadata.date
    if version is not None and version != number:
        number, date = version, versions.find_release(version).date
    elif version in (releases := index.known_releases()):
        date = releases[number].date
    return csl.dataset(title=metadata.title, version=number, date=date, creators=list(metadata.creators))


def papers(rows: Sequence[str], version: str | None = None, path: DataSource = None) -> list[csl.Item]:
    """Return the papers that rows name as their sources, as CSL-JSON items, each once, in the order of the rows.

    Args:
        rows: each `table:key`, the parts of a composite key joined by a bar. A retired id is followed to its
            successor, with a RetiredIdWarning.
        version: a release, in place of the installed tables.
        path: a folder or zip, in place of the installed tables.

    Raises:
        LuminaldbError: a row isn't there, or its table names no sources.
        ReleaseError: there is no such release, or it can't be fetched.
    """
    database = Database.find(path, version=version)
    citation_ids = list(dict.fromkeys(c for row in rows for c in _sources(row, database)))
    frame = database.frame(CITATIONS)
    order = pl.DataFrame({"citation_id": citation_ids}, schema={"citation_id": pl.String})
    return csl.items(order.join(frame, on="citation_id", maintain_order="left"))


def _sources(row: str, database: Database) -> list[str]:
    table, colon, key = row.partition(":")
    if not colon or not table or not key:
        raise LuminaldbError(f"{row!r} is no row: write table:id, for instance effects:tandem-pfs-itt-primary")
    schema = database.resource(table).schema
    columns = [k.columns[0] for k in schema.all_references() if k.reference.table == CITATIONS and len(k.columns) == 1]
    if table == CITATIONS:
        columns = ["citation_id"]
    if not columns:
        raise LuminaldbError(f"{table} names no sources", hint="name rows of a table with a citation_id")
    frame = database.frame(table)
    parts = [pl.col(c).cast(pl.String) for c in schema.primary_key]
    keys = frame.select(pl.concat_str(parts, separator="|").alias("key"))["key"]
    if key not in keys:
        key = resolve_id(table, key, database)
    if key not in keys:
        raise LuminaldbError(_no_row(table, key, keys.to_list()))
    result = frame.filter(keys == key).select(columns).row(0)
    return [source for source in result if source is not None]


def _no_row(table: str, key: str, keys: list[str]) -> str:
    nearest = difflib.get_close_matches(key, keys, n=1, cutoff=0.6)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"luminaldb show {table} lists them"
    return f"{table} has no row {key!r}; {hint}"
