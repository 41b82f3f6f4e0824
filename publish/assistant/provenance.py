"""Where each row of an answer comes from: source, place in it, what was read, and its second reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from luminaldb.loaders.database import Database
from luminaldb.loaders.views import name_sources

_PROVENANCE_COLUMNS = ("citation_id", "locator", "source_level")
_TABLES_OF_RESULTS = {"trial_results": ("effects", "outcomes")}


class Provenance:
    """Looks up the provenance of rows of a database."""

    def __init__(self, database: Database) -> None:
        """Read the citations and second reads."""
        self._database = database
        cited = name_sources(database.frame("citations")).select("citation_id", "source", "doi", "pmid", "url")
        self._sources = {row["citation_id"]: row for row in cited.iter_rows(named=True)}
        reads = database.frame("second_reads").filter(pl.col("method") == "independent_read")
        self._reads = {
            (table, key): str(result) for table, key, result in reads.select("table_name", "row_key", "result").rows()
        }
        self._rows: dict[str, dict[str, dict[str, Any]]] = {}

    def of_row(self, table: str, row_key: str) -> dict[str, Any]:
        """Return source, citation_id, doi, pmid, url, locator, source_level and second_read of a row.

        Args:
            table: of the row; `trial_results` means effects or outcomes.
            row_key: its primary key, parts joined by a bar.
        """
        for name in _TABLES_OF_RESULTS.get(table, (table,)):
            row = self._table(name).get(row_key)
            if row is not None:
                return self.of_known_row(name, row_key, row)
        return self.of_known_row(table, row_key, {})

    def of_known_row(self, table: str, row_key: str, row: dict[str, Any]) -> dict[str, Any]:
        """Return the provenance of a row whose own columns are known."""
        citation = row_key if table == "citations" else row.get("citation_id")
        return {
            **dict.fromkeys(("source", "doi", "pmid", "url")),
            **self._sources.get(str(citation), {}),
            "citation_id": citation,
            "locator": row.get("locator"),
            "source_level": row.get("source_level"),
            "second_read": self._reads.get((table, row_key), "not_yet"),
        }

    def _table(self, name: str) -> dict[str, dict[str, Any]]:
        if name not in self._database.packages_by_table:
            return {}
        if name not in self._rows:
            frame = self._database.frame(name)
            keys = self._database.resource(name).schema.primary_key
            key = pl.concat_str([pl.col(k).cast(pl.String) for k in keys], separator="|")
            columns = [c for c in _PROVENANCE_COLUMNS if c in frame.columns]
            rows = frame.select(key.alias("::key"), pl.col(columns).cast(pl.String)).iter_rows(named=True)
            self._rows[name] = {row.pop("::key"): row for row in rows}
        return self._rows[name]


def json_values(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make the values of rows fit for JSON: dates as text, numbers that aren't finite as null."""
    return [{name: _value(value) for name, value in row.items()} for row in rows]


def _value(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, float) and value - value != 0:
        return None
    return value
