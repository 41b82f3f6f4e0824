"""The answers of the tools: rows with their provenance, the version of the data, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import polars as pl

from luminaldb.analysis.comparisons import comparisons
from luminaldb.analysis.meta_analysis import meta_analysis
from luminaldb.analysis.meta_analysis_result import MetaAnalysis, Model
from luminaldb.analysis.selection import Selection
from luminaldb.loaders.database import Database
from luminaldb.loaders.evidence import evidence_for
from luminaldb.loaders.search import search

from ..export import citing
from ..export.references import render
from .provenance import Provenance, json_values

_RESULT = (
    "result_id", "trial_id", "acronym", "endpoint_id", "population_name", "arm", "control_arm", "measure", "estimate",
    "ci_low", "ci_high", "ci_level", "standard_error", "standard_error_from", "derived_from", "analysis",
)  # fmt: skip
_SHOWN_EXCLUSIONS = 50


class Answers:
    """Answers from one database."""

    def __init__(self, path: Any = None, *, version: str | None = None) -> None:
        """Open the tables.

        Args:
            path: a folder or zip in place of the installed tables.
            version: a release in place of them.
        """
        self._where = {"path": path, "version": version}
        self._database = Database.find(path, version=version)
        self._provenance = Provenance(self._database)

    def search(self, text: str, limit: int) -> dict[str, Any]:
        """Find rows by words in any order, names or identifiers."""
        hits = search(text, **self._where)
        rows = [
            {**row, **self._provenance.of_row(row["table"], row["row_key"])}
            for row in hits.head(limit).iter_rows(named=True)
        ]
        return self._answer(rows, hits.height)

    def evidence_for(self, therapy: str, table: str | None, limit: int) -> dict[str, Any]:
        """Find the rows that touch a therapy."""
        hits = evidence_for(therapy, **self._where)
        counts = dict(hits.group_by("table", maintain_order=True).len().iter_rows())
        if table is not None:
            self._database.package_of(table)
            hits = hits.filter(pl.col("table") == table)
        rows = [
            {**row, **self._provenance.of_known_row(row["table"], row["row_key"], row)}
            for row in hits.head(limit).iter_rows(named=True)
        ]
        return {**self._answer(rows, hits.height), "rows_by_table": counts}

    def comparisons(self, question: dict[str, Any]) -> dict[str, Any]:
        """Select the randomised comparisons that answer a question."""
        selection = self._select(question)
        rows = self._results(selection.included)
        return {**self._answer(rows, len(rows)), **_exclusions(selection)}

    def meta_analysis(self, question: dict[str, Any], model: Model) -> dict[str, Any]:
        """Pool the comparisons that answer a question."""
        selection = self._select(question)
        pooled = meta_analysis(selection, model)
        rows = self._results(pooled.studies)
        return {
            "summary": str(pooled),
            "pooled": _numbers(pooled),
            "common_effect": None if pooled.common is None else _numbers(pooled.common),
            **self._answer(rows, len(rows)),
            **_exclusions(selection),
        }

    def cite(self, rows: Sequence[str], format_name: str) -> dict[str, Any]:
        """Cite the dataset, and the papers behind rows."""
        version = self._where["version"]
        papers = citing.papers(rows, version) if rows else []
        provenance = [{"row": row, **self._provenance.of_row(*row.split(":", 1))} for row in rows if ":" in row]
        return {
            **self._answer(provenance, len(provenance)),
            "dataset": render([citing.dataset(version)], format_name),
            "papers": render(papers, format_name) if papers else "",
        }

    def _select(self, question: dict[str, Any]) -> Selection:
        return comparisons(**{k: v for k, v in question.items() if v is not None}, **self._where)

    def _results(self, frame: pl.DataFrame) -> list[dict[str, Any]]:
        result_columns = [*(c for c in _RESULT if c in frame.columns), *(c for c in ("weight",) if c in frame.columns)]
        provenance_columns = [c for c in ("citation_id", "locator", "source_level") if c in frame.columns]
        second_read = [c for c in ("second_read",) if c in frame.columns]
        return [
            {**{c: row[c] for c in result_columns}, **self._provenance.of_known_row("effects", row["result_id"], row),
             "second_read": row.get("second_read")}
            for row in frame.select(*result_columns, *provenance_columns, *second_read).to_dicts()
        ]  # fmt: skip

    def _answer(self, rows: Sequence[dict[str, Any]], total: int) -> dict[str, Any]:
        return {
            "data_version": self._database.version,
            "cite": f"luminaldb {self._database.version}; cite the papers of the rows too",
            "rows": json_values(rows),
            "rows_found": total,
        }


def _numbers(pooled: MetaAnalysis) -> dict[str, Any]:
    numbers = {f.name: getattr(pooled, f.name) for f in fields(pooled) if f.name not in ("studies", "common")}
    return json_values([numbers])[0]


def _exclusions(selection: Selection) -> dict[str, Any]:
    return {
        "notes": list(selection.notes),
        "excluded_by_criterion": dict(selection.counts()),
        "excluded": selection.excluded.head(_SHOWN_EXCLUSIONS).to_dicts(),
        "excluded_found": selection.excluded.height,
    }
