"""The tables of a page: which rows and columns they show, with the cells that `columns` makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..labels import as_heading
from .cells import Section, TableRow
from .column_lists import COLUMN_TITLES, GROUPED_COLUMNS, PAGE_COLUMNS
from .columns import CellBuilder
from .effect_texts import make_scale
from .evidence import Evidence, Row
from .page_kinds import anchor


@dataclass(frozen=True, slots=True)
class SectionBuilder(CellBuilder):
    """Makes the sections of a page, each a table of rows."""

    def section(
        self,
        id: str,
        title: str,
        table: str,
        rows: Iterable[Row],
        *,
        without_columns: Sequence[str] = (),
        intro: str = "",
        max_rows: int = 0,
        all_rows_address: str = "",
        all_rows_text: str = "in the table",
        collapsed: bool = False,
    ) -> Section | None:
        """Make a section of rows of one table; None where there are none.

        Args:
            id: its id in the page.
            title: its title.
            table: where the rows come from.
            rows: the rows.
            without_columns: those that say what the page is about.
            intro: a sentence above the table.
            max_rows: how many rows the page shows; 0 for all.
            all_rows_address: of a page with all rows.
            all_rows_text: what that page is.
            collapsed: whether the rows are shown on request.
        """
        rows = list(rows)
        if not rows:
            return None
        single_columns = tuple((COLUMN_TITLES.get(c, as_heading(c)), (c,)) for c in PAGE_COLUMNS[table] if c != "note")
        groups = [
            (name, [c for c in columns if c not in without_columns])
            for name, columns in GROUPED_COLUMNS.get(table, single_columns)
        ]
        groups = [(name, columns) for name, columns in groups if columns]
        lines = [self._line(table, [columns for _, columns in groups], row) for row in rows[: max_rows or len(rows)]]
        filled_groups = [n for n in range(len(groups)) if any(line.cells[n] for line in lines)]
        remaining = [
            TableRow(line.anchor, [line.cells[n] for n in filled_groups], line.key, line.note) for line in lines
        ]
        link = all_rows_address if len(lines) < len(rows) else ""
        return Section(
            id,
            title,
            [groups[n][0] for n in filled_groups],
            remaining,
            intro,
            len(rows),
            link,
            all_rows_text,
            collapsed,
        )

    def _line(self, table: str, groups: Sequence[Sequence[str]], row: Row) -> TableRow:
        cells = [self.stacked_cells(table, tuple(columns), row) for columns in groups]
        key = self.evidence[table].row_key(row)
        return TableRow(
            anchor(self.evidence, table, row), cells, key, row.get("note", "") if "note" in PAGE_COLUMNS[table] else ""
        )


def section_builder(evidence: Evidence, effects: Iterable[Row]) -> SectionBuilder:
    """Return the builder of a page's sections; the page's effects share one scale."""
    return SectionBuilder(evidence, make_scale(evidence, effects))
