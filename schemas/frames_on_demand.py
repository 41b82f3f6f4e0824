"""The frames of all tables of a validation, for rules that look at other tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .backend import Backend
from .checked_table import CheckedTable


class FramesOnDemand(Mapping[str, Any]):
    """The frames of tables by name, each made when a rule first looks at it.

    The frame of a table that is broken or can't be used has no columns.

    Attributes:
        broken: names of the tables that a check needed and whose file is broken.
    """

    def __init__(
        self, tables: Mapping[str, CheckedTable], backend: Backend, without_rows: Collection[str] = ()
    ) -> None:
        self._tables = tables
        self._empty = backend.empty_frame()
        self._names = dict.fromkeys((*tables, *without_rows))
        self.broken: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        table = self._tables.get(name)
        if table is not None and not table.complete:
            self.broken.add(name)
        elif table is not None:
            frame = table.frame
            # An engine may leave a table to polars, whose frame can't be joined with the engine's.
            return frame if isinstance(frame, type(self._empty)) else self._empty
        return self._empty

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def primary_key(self, name: str) -> tuple[str, ...]:
        """Return the columns of a table's primary key; none where it has none or isn't known."""
        return self._tables[name].table.resource.schema.primary_key if name in self._tables else ()
