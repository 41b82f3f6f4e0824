"""The tables of a page: which rows and columns they show, with the cells that `columns` makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..labels import heading
from .cells import Section, TableRow
from .column_lists import COLUMNS, GROUPS, TITLES
from .columns import CellBuilder
from .effect_texts import scale_for
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
        without: Sequence[str] = (),
        intro: str = "",
        most: int = 0,
        more: str = "",
        where: str = "in the table",
        collapsed: bool = False,
    ) -> Section | None:
        """Make a section of rows of one table; None where there are none.

        Args:
            id: its id in the page.
            title: its title.
            table: where the rows come from.
            rows: the rows.
            without: columns that say what the page is about.
            intro: a sentence above the table.
            most: how many rows the page shows; 0 for all.
            more: address of all rows.
            where: what that address is.
            collapsed: whether the rows are shown on request.
        """
        rows = list(rows)
        if not rows:
            return None
        alone = tuple((TITLES.get(c, heading(c)), (c,)) for c in COLUMNS[table] if c != "note")
        groups = [(name, [c for c in own if c not in without]) for name, own in GROUPS.get(table, alone)]
        groups = [(name, own) for name, own in groups if own]
        lines = [self._line(table, [own for _, own in groups], row) for row in rows[: most or len(rows)]]
        filled = [n for n in range(len(groups)) if any(line.cells[n] for line in lines)]
        remaining = [TableRow(line.anchor, [line.cells[n] for n in filled], line.key, line.note) for line in lines]
        cut = more if len(lines) < len(rows) else ""
        return Section(id, title, [groups[n][0] for n in filled], remaining, intro, len(rows), cut, where, collapsed)

    def _line(self, table: str, groups: Sequence[Sequence[str]], row: Row) -> TableRow:
        cells = [self.stacked_cells(table, tuple(own), row) for own in groups]
        key = self.evidence[table].row_key(row)
        return TableRow(
            anchor(self.evidence, table, row), cells, key, row.get("note", "") if "note" in COLUMNS[table] else ""
        )


def section_builder(evidence: Evidence, effects: Iterable[Row]) -> SectionBuilder:
    """Return the builder of a page's sections; the page's effects share one scale."""
    return SectionBuilder(evidence, scale_for(evidence, effects))
