"""A table too large to hold: its file judged in pieces, with a hash per row for what no two rows may share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from luminaldb.issues import Issue
from luminaldb.loaders.datapackage.chunked_reader import NotPlainError, Piece, ahead, header_line, pieces, plain_file
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.text_reader import MAX_CELL_CHARACTERS, TextTable

from .check_frame import bring, judged, judging
from .checks import Check
from .rules import rule_checks
from .table_in_memory import STRUCTURAL, Table, passing
from .waivers import TABLE as WAIVERS

LARGE_BYTES = 64 * 1024**2
_HASH = "hash"
_HASHED = ("string", "integer", "number", "boolean", "date", "time", "datetime", "year", "any")


def table_for(package: str, source: Package, resource: Resource, *, referred: bool) -> Table:
    """Choose how a table is judged: in pieces where its file is large and each row can be judged by itself.

    Args:
        package: short name of the package.
        source: the package.
        resource: the table.
        referred: whether some key refers to the table, which needs its rows at hand.
    """
    place = None if referred or resource.name == WAIVERS else plain_file(source.store, resource)
    if place is None or place.stat().st_size < LARGE_BYTES:
        return Table(package, source, resource)
    if not set(header_line(place, resource.dialect)) & set(resource.schema.names):
        return Table(package, source, resource)
    comparing = any(c.compares or c.lookups for c in rule_checks(resource.name, resource.schema, warnings=True))
    keys = {*resource.schema.primary_key, *(c for key in resource.schema.unique_keys for c in key)}
    keys |= {f.name for f in resource.schema.fields if f.constraints.get("unique")}
    if comparing or any(f.type not in _HASHED for f in resource.schema.fields if f.name in keys):
        return Table(package, source, resource)
    return LargeTable(package, source, resource, place)


class LargeTable(Table):
    """A table whose rows are never all in memory."""

    def __init__(self, package: str, source: Package, resource: Resource, place: Path) -> None:
        super().__init__(package, source, resource)
        self._place = place
        self._rows = 0

    @cached_property
    def text(self) -> TextTable:
        """The table's header; its rows come in pieces."""
        header = header_line(self._place, self.resource.dialect)
        return TextTable(pl.DataFrame(schema=dict.fromkeys(header, pl.String)), [], tuple(header))

    @cached_property
    def frame(self) -> pl.DataFrame:
        """All rows after all, for a rule of another table that looks at them."""
        return judged(self._source.text(self.name).frame, self.resource.schema)

    @cached_property
    def whole(self) -> bool:
        """Whether every row and column is there; the rows are looked at for it, as the frame's are."""
        read = self._source.text(self.name)
        return set(self.resource.schema.names) <= set(read.header) and not STRUCTURAL & {p.code for p in read.issues}

    @property
    def rows(self) -> int:
        """How many rows there are; known once they were judged."""
        return self._rows

    def findings(
        self,
        targets: Mapping[int, Any],
        tables: Mapping[str, Any],
        *,
        doubted: bool = False,
        warnings: bool = False,
    ) -> list[Issue]:
        """Give what is wrong with the values; see Table.findings."""
        every = self._checks(targets, warnings=warnings)
        try:
            return self._in_pieces(every, targets, doubted=doubted)
        except NotPlainError:
            whole = Table(self.package, self._source, self.resource)
            found = whole.findings(targets, tables, doubted=doubted, warnings=warnings)
            self._rows = whole.rows
            return [*whole.problem_findings(), *found]

    def _in_pieces(self, every: Sequence[Check], targets: Mapping[int, Any], *, doubted: bool) -> list[Issue]:
        alone = [c for c in every if not c.compares]
        shared = [c for c in every if c.compares]
        wanted = [column for check in alone for column in check.brings]
        hashes: list[list[pl.Series]] = [[] for _ in shared]
        found: list[Issue] = []
        rows = 0
        schema = self.resource.schema
        described = set(schema.names) <= set(self.text.header)
        quick = described and not doubted and not wanted
        right = passing(alone, of_text=schema) if quick else None
        for line, text in self._pieces():
            if right is not None and right(text):
                keys = text.lazy().select(*judging(text.columns, schema))
            else:
                frame = judged(text, schema)
                if pl.Int128 in frame.dtypes:
                    raise NotPlainError  # a hash of the same number in 64 bits is another
                lines = range(line, line + text.height)
                found += self._judge(bring(frame, schema, targets, wanted), alone, lines, doubted=True)
                keys = frame.lazy()
            for seen, own in zip(hashes, _hashes(keys, shared), strict=True):
                seen.append(own)
            rows += text.height
        self._rows = rows
        hashes.reverse()
        suspected = [(check, _repeated(hashes.pop())) for check in shared]
        if repeated := [(check, twice) for check, twice in suspected if len(twice)]:
            found += self._shared(repeated)
            order = {name: n for n, name in enumerate(self.resource.schema.names)}
            found.sort(key=lambda f: (f.line, order.get(f.column, 0)))
        return found

    def _shared(self, repeated: Sequence[tuple[Check, pl.Series]]) -> Iterator[Issue]:
        """Read once more, and judge together the rows that may share what no two rows may."""
        kept: list[list[pl.DataFrame]] = [[] for _ in repeated]
        for line, text in self._pieces():
            frame = judged(text, self.resource.schema).with_columns(pl.int_range(pl.len()).add(line).alias("::line"))
            for (check, suspects), parts in zip(repeated, kept, strict=True):
                (own,) = _hashes(frame.lazy(), [check])
                parts.append(frame.filter(own.is_in(suspects.implode())))
        for (check, _), parts in zip(repeated, kept, strict=True):
            frame = pl.concat(parts)
            yield from self._judge(frame, [check], frame["::line"].to_list(), doubted=True)

    def _pieces(self) -> Iterator[Piece]:
        return ahead(pieces(self._place, self.resource.dialect, MAX_CELL_CHARACTERS))


def _hashes(rows: pl.LazyFrame, checks: Sequence[Check]) -> list[pl.Series]:
    """Hash what each check compares, null where a part is missing; equal values have equal hashes."""
    there = set(rows.collect_schema().names())
    hashed = []
    for number, check in enumerate(checks):
        if not set(check.compares) <= there:
            hashed.append(pl.lit(None, dtype=pl.UInt64).alias(str(number)))
            continue
        whole = pl.col(check.compares[0]) if len(check.compares) == 1 else pl.struct(check.compares)
        complete = pl.all_horizontal(pl.col(c).is_not_null() for c in check.compares)
        hashed.append(pl.when(complete).then(whole.hash(seed=0)).alias(str(number)))
    return rows.select(hashed).collect().get_columns()


def _repeated(hashes: list[pl.Series]) -> pl.Series:
    ordered = pl.concat(hashes).drop_nulls().sort() if hashes else pl.Series(_HASH, [], dtype=pl.UInt64)
    del hashes
    return ordered.filter(ordered == ordered.shift(1)).unique()
