"""A table under validation by an engine: its rows stay there, and only the wrong ones come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import narwhals as nw
import polars as pl

from luminaldb.issue_codes import EMPTY_CELL, REPEATED_VALUE, WRONG_FORMAT, WRONG_PATTERN
from luminaldb.issues import Issue
from luminaldb.loaders.datapackage import field_types
from luminaldb.loaders.datapackage.descriptor import Field, ForeignKey, Resource, TableSchema
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.text_reader import TextTable

from ..check_columns import TEXT, joined, text_of
from ..check_frame import judged, runnable
from ..check_results import verdicts
from ..checks import Check
from ..constraints import field_checks, key_checks, reference_check, reference_checks
from ..lookups import Gathered, gathered, joined_lookups
from ..rules import rule_checks
from ..table_in_memory import Table
from ..waivers import TABLE as WAIVERS
from .engine import Engine
from .portable_patterns import portable
from .sql_columns import native
from .staging import Staged

_RIGHT = "right::"
# Every whole number of so many characters fits into 64 bits.
_SAFE_DIGITS = 18


class EngineTable(Table):
    """A table whose rows are an engine's."""

    def __init__(self, package: str, source: Package, resource: Resource, engine: Engine) -> None:
        super().__init__(package, source, resource)
        self.engine = engine
        self.notes: list[str] = []

    def adopt(
        self, rows: Any, header: Sequence[str], count: int, problems: list[Issue], staged: Staged | None = None
    ) -> EngineTable:
        """Take over the rows: a frame of the engine with every column as text, None where there is none.

        Args:
            rows: the engine's own frame.
            header: names of its columns.
            count: how many rows it has.
            problems: what is wrong with the form of the file.
            staged: the file, whose order the engine doesn't keep; None where the rows came as a frame.
        """
        self._staged = staged
        self._rows = rows
        self._count = count
        nothing = pl.DataFrame(schema=dict.fromkeys(header, pl.String)) if rows is not None else pl.DataFrame()
        self._form = TextTable(nothing, [], tuple(header), problems)
        return self

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self._count

    @cached_property
    def text(self) -> TextTable:
        """The table's form without its rows; waivers, which are few, with them."""
        return self._source.text(self.name) if self.name == WAIVERS and self._rows is not None else self._form

    @property
    def _described(self) -> list[Field]:
        return [f for f in self.resource.schema.fields if f.name in self._form.header]

    @cached_property
    def frame(self) -> Any:
        """The table as checks see it: a lazy frame of narwhals."""
        if self._rows is None:
            return self.nothing
        sql, schema = self.engine.sql, self.resource.schema
        selected = []
        for f in self._described:
            text, typed = sql.present(f.name, schema.missing_of(f)), f.name in self._wide
            selected.append(f"{sql.typed(f, text, wide=typed)} AS {sql.name(f.name)}")
            selected.append(f"{text} AS {sql.name(f.name + TEXT)}")
        if not selected:
            return self.nothing
        return nw.from_native(self.engine.project(self._rows, selected))

    @property
    def nothing(self) -> Any:
        """A lazy frame without columns."""
        return nw.from_native(pl.LazyFrame())

    @cached_property
    def _wide(self) -> frozenset[str]:
        """The integer columns whose cells are so long that some may need more than 64 bits."""
        whole = [f.name for f in self._described if f.type == "integer" and native(f)]
        if not whole or not self.rows:
            return frozenset()
        rows = nw.from_native(self.engine.project(self._rows, [self.engine.sql.name(c) for c in whole]))
        longest = rows.select(nw.col(c).str.len_chars().max() for c in whole).collect(backend="polars").row(0)
        return frozenset(c for c, most in zip(whole, longest, strict=True) if most is not None and most > _SAFE_DIGITS)

    def findings(
        self,
        targets: Mapping[int, Any],
        tables: Mapping[str, Any],
        *,
        doubted: bool = False,
        warnings: bool = False,
    ) -> list[Issue]:
        """Give what is wrong with the values: one query for the checks, a small one for each odd column.

        Args:
            targets: frames of the tables referred to, by number of the reference: of this engine, or of polars.
            tables: frames of all tables of this engine by name, for rules that look further than the references.
            doubted: not used: an engine brings back only the wrong rows.
            warnings: whether to run the rules that only warn, too.
        """
        del doubted
        schema = self.resource.schema
        frame = self.frame
        if not self._described or not self.rows:
            return []
        rules = list(rule_checks(self.name, schema, warnings=warnings))
        gathering = [c for c in rules if any(isinstance(x, Gathered) for x in c.lookups)]
        rules = [c for c in rules if c not in gathering]
        frame, references = self._joined(frame, targets, {c for check in rules for c in check.brings})
        frame = joined_lookups(frame, [lookup for check in rules for lookup in check.lookups], tables)
        lacking = len(self._described) < len(schema.fields)
        if not lacking:
            frame, rules = _by_parts(frame, rules)
        every = [*self._column_checks(frame, schema), *key_checks(schema), *references, *self._portable(frame, rules)]
        columns = frame.collect_schema().names()
        checks = runnable(every, columns, judged(self._form.frame, schema) if lacking else None)
        if away := sorted({c.code for c in rules if not set(c.brings) <= set(columns)}):
            self.notes.append(f"not checked: {', '.join(away)} on {self.name}, which need columns of other tables")
        return [*self._located(*self._wrong(frame, checks), checks, lines=None), *self._gathered(gathering)]

    def _gathered(self, checks: Sequence[Check]) -> Iterator[Issue]:
        """Judge by polars what is ordered or goes from row to row; only the columns it needs leave the engine."""
        for check in checks:
            needs = {c for x in check.lookups if isinstance(x, Gathered) for c in x.needs}
            names = list(dict.fromkeys([*check.columns, *needs, *self.resource.schema.primary_key]))
            described = tuple(f for f in self._described if f.name in names)
            if not {*check.columns, *needs} <= {f.name for f in described}:
                continue
            ordered = any(isinstance(x, Gathered) and x.ordered for x in check.lookups)
            if ordered and self._staged is None:
                self.notes.append(f"not checked: {check.code} on {self.name}: the rows of such a frame have no order")
                continue
            cells = self._cells([f.name for f in described], ordered=ordered)
            narrow = replace(self.resource.schema, fields=described)
            frame = gathered(judged(cells, narrow), check.lookups)
            yield from self._located(frame, verdicts(frame, [check]), [check], lines=None)

    def _cells(self, names: list[str], *, ordered: bool) -> pl.DataFrame:
        """Give columns as written, in the order of the file where that counts."""
        if not ordered or self._staged is None or self._staged.file is None:
            project = self.engine.project(self._rows, [self.engine.sql.name(c) for c in names])
            cells: pl.DataFrame = nw.from_native(project).collect(backend="polars").to_native()
            return cells.with_columns(pl.all().fill_null(""))
        file, mark = self._staged.file, self._staged.delimiter
        return (
            pl.scan_csv(file, separator=mark, infer_schema=False)
            .select(pl.col(names).fill_null(""))
            .collect(engine="streaming")
        )

    def _portable(self, frame: Any, rules: Sequence[Check]) -> Iterator[Check]:
        """Give the rules as they are, but those that call Python for each cell of a column."""
        fields_by_name = {f.name: f for f in self._described}
        for check in rules:
            field = fields_by_name.get(check.columns[0])
            if not check.in_python:
                yield check
            elif field is not None:
                yield from self._by_distinct(frame, field, [check])

    def _wrong(self, frame: Any, checks: list[Check]) -> tuple[pl.DataFrame, pl.DataFrame]:
        names = [f"{_RIGHT}{n}" for n in range(len(checks))]
        told = frame.with_columns(c.expression.alias(n) for c, n in zip(checks, names, strict=True))
        told = nw.from_native(self.engine.settled(nw.to_native(told)))
        wrong = told.filter(~nw.all_horizontal(*(nw.col(n) for n in names), ignore_nulls=True))
        texts = [f.name + TEXT for f in self._described]
        rows = wrong.select(*texts, *names).collect(backend="polars").to_native()
        key = [c + TEXT for c in self.resource.schema.primary_key if c + TEXT in texts]
        rows = rows.sort(key or texts, nulls_last=True)
        right = rows.select(pl.col(n).fill_null(value=True).alias(n.removeprefix(_RIGHT)) for n in names)
        return rows.select(texts), right

    def _joined(self, frame: Any, targets: Mapping[int, Any], wanted: set[str]) -> tuple[Any, list[Check]]:
        """Join what keys refer to, with a mark on the rows whose key is known there."""
        small = {n: t for n, t in targets.items() if isinstance(t, pl.DataFrame)}
        references = list(reference_checks(self.resource.schema, small))
        for number, key in enumerate(self.resource.schema.all_references()):
            target = targets.get(number)
            if target is None or number in small:
                continue
            there = target.collect_schema()
            if not {c + TEXT for c in key.reference.columns} <= set(there.names()):
                continue
            local, remote = self._compared(key, there)
            known = f"known::{number}"
            aliases = [f"{known}::{n}" for n in range(len(remote))]
            carried = [
                (c, joined(key.columns[0], c))
                for c in there.names()
                if len(key.columns) == 1 and joined(key.columns[0], c) in wanted
            ]
            wanted -= {name for _, name in carried}
            right = target.select(
                *(nw.col(c).alias(a) for c, a in zip(remote, aliases, strict=True)),
                *(nw.col(c).alias(name) for c, name in carried),
            )
            complete = right.filter(~nw.any_horizontal(*(nw.col(a).is_null() for a in aliases), ignore_nulls=True))
            marked = complete.unique(aliases, keep="any").with_columns(nw.lit(value=True).alias(known))
            frame = frame.join(marked, left_on=local, right_on=aliases, how="left")
            empty = nw.all_horizontal(*(nw.col(c).is_null() for c in local), ignore_nulls=True)
            references.append(reference_check(key, empty | ~nw.col(known).is_null()))
        return frame, references

    def _compared(self, key: ForeignKey, there: Mapping[str, Any]) -> tuple[list[str], list[str]]:
        """Say by which columns a key is compared: by value where both sides are whole numbers, else as written."""
        kinds = {f.name: f.type for f in self.resource.schema.fields}
        pairs = list(zip(key.columns, key.reference.columns, strict=True))
        # A decimal is how some engines hold what needs more than 64 bits.
        whole = [
            kinds.get(own) == "integer" and (there[other].is_integer() or there[other].is_decimal())
            for own, other in pairs
        ]
        own = [c if v else c + TEXT for (c, _), v in zip(pairs, whole, strict=True)]
        other = [c if v else c + TEXT for (_, c), v in zip(pairs, whole, strict=True)]
        return own, other

    def _column_checks(self, frame: Any, schema: TableSchema) -> Iterator[Check]:
        for field in self._described:
            odd: list[Check] = []
            exact = native(field) and (field.name not in self._wide or self.engine.sql.wide_as_polars)
            for check in field_checks(field, required=field.name in schema.primary_key):
                form = _form(field, check)
                alike = portable(form) if form else None
                if alike:
                    yield replace(check, expression=text_of(field.name).str.contains(alike))
                elif check.code in (EMPTY_CELL, REPEATED_VALUE) or (exact and not check.in_python and not form):
                    yield check
                else:
                    odd.append(check)
            if odd:
                yield from self._by_distinct(frame, field, odd)
            if not native(field) and self._is_key(field):
                note = f"{self.name}.{field.name} ({field.type}) is compared as it is written where it is a key"
                self.notes.append(note)

    def _is_key(self, field: Field) -> bool:
        schema = self.resource.schema
        keys = {*schema.primary_key, *(c for key in schema.unique_keys for c in key)}
        return field.name in keys or bool(field.constraints.get("unique"))

    def _by_distinct(self, frame: Any, field: Field, checks: list[Check]) -> Iterator[Check]:
        """Judge each distinct cell once by polars, for what the engine would judge otherwise or not at all."""
        name = field.name + TEXT
        cells = frame.select(name).unique().collect(backend="polars").to_native()
        cells = cells.drop_nulls().rename({name: field.name})
        alone = replace(self.resource.schema, fields=(field,))
        told = verdicts(judged(cells, alone), checks)
        for number, check in enumerate(checks):
            wrong = cells.filter(~told[str(number)])[field.name].to_list()
            if wrong:
                yield replace(check, expression=~text_of(field.name).is_in(wrong), in_python=False)


def _by_parts(frame: Any, checks: Sequence[Check]) -> tuple[Any, list[Check]]:
    """Compute the parts of checks as columns, each once, and give the checks by their names."""
    made = dict(step for check in checks if check.parts for step in check.parts.steps)
    for alias, expression in made.items():
        frame = frame.with_columns(expression.alias(alias))
    return frame, [replace(c, expression=c.parts.expression) if c.parts else c for c in checks]


def _form(field: Field, check: Check) -> str | None:
    """Give the pattern of a check that is one."""
    if check.code == WRONG_PATTERN:
        return rf"\A(?:{field.constraints['pattern']})\z"
    return field_types.lexical(field) if check.code == WRONG_FORMAT else None
