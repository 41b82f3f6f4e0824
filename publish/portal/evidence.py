"""Every table as its file prints it, row by row, with what points at what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from luminaldb.loaders.certainty import Certainty, certainty
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import Field
from luminaldb.loaders.standard_errors import with_standard_error
from luminaldb.loaders.views import name_sources

from ..export.content import ExportContent, ExportTable
from ..results_table import rows

Row = dict[str, str]
BAR = "|"
# What a row takes on the page of its trial, and what all of them may take there, roughly.
_ROW_BYTES = {"effects": 1450, "outcomes": 980, "adverse_events": 870}
_PAGE_BYTES = 95_000


@dataclass(frozen=True)
class EvidenceTable:
    """One table: rows of text, an empty cell as ""."""

    export_table: ExportTable
    _by: dict[str, dict[str, list[Row]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return self.export_table.name

    @property
    def fields(self) -> Sequence[Field]:
        """Its columns."""
        return self.export_table.resource.schema.fields

    @cached_property
    def fields_by_name(self) -> dict[str, Field]:
        """Its columns by name."""
        return {f.name: f for f in self.fields}

    @property
    def key(self) -> Sequence[str]:
        """Its primary key."""
        return self.export_table.resource.schema.primary_key

    @cached_property
    def rows(self) -> list[Row]:
        """Its rows, in the file's order."""
        return self.export_table.text.to_dicts()

    @cached_property
    def references(self) -> dict[str, tuple[str, str]]:
        """Map each column that is a key of its own to the table and column it points at."""
        keys = self.export_table.resource.schema.all_references()
        single = [k for k in keys if len(k.columns) == 1]
        return {k.columns[0]: (k.reference.table or self.name, k.reference.columns[0]) for k in single}

    def where(self, column: str, value: str) -> list[Row]:
        """Return the rows that hold a value in a column."""
        if column not in self._by:
            index: dict[str, list[Row]] = defaultdict(list)
            for row in self.rows:
                index[row[column]].append(row)
            self._by[column] = index
        return self._by[column].get(value, [])

    def row(self, value: str) -> Row:
        """Return the row of a primary key of one column.

        Raises:
            KeyError: there is none.
        """
        result = self.where(self.key[0], value)
        if not result:
            raise KeyError(f"{self.name} has no row {value!r}")
        return result[0]

    def row_key(self, row: Row) -> str:
        """Return a row's primary key, its parts joined by a bar."""
        return BAR.join(row[k] for k in self.key)


@dataclass(frozen=True)
class Evidence:
    """All tables, and what is asked of several at once."""

    content: ExportContent
    cells: dict[tuple[str, str | tuple[str, ...], int], tuple[Row, Sequence[Any]]] = field(
        default_factory=dict, compare=False
    )
    """The cells of pages that were made before: by table, column or columns, and identity of the row."""

    @property
    def database(self) -> Database:
        """The tables as the loaders read them."""
        return self.content.tables[0].database

    @cached_property
    def tables(self) -> dict[str, EvidenceTable]:
        """The tables by name."""
        return {table.name: EvidenceTable(table) for table in self.content.tables}

    def __getitem__(self, table: str) -> EvidenceTable:
        """Return a table."""
        return self.tables[table]

    @cached_property
    def source_names(self) -> dict[str, str]:
        """Map each citation to how text names it: first author and year."""
        frame = name_sources(self["citations"].export_table.frame)
        return dict(frame.select("citation_id", "source").iter_rows())

    @cached_property
    def standard_errors(self) -> dict[str, float | None]:
        """Map each effect to its standard error: of the logarithm of a ratio, of a difference as it is."""
        frame = with_standard_error(self["effects"].export_table.frame)
        return dict(frame.select("effect_id", "standard_error").iter_rows())

    @cached_property
    def second_reads(self) -> dict[tuple[str, str], Row]:
        """Map table and row key to the row's independent second read."""
        reads = self["second_reads"].where("method", "independent_read")
        return {(r["table_name"], r["row_key"]): r for r in reads}

    def certainty_of(self, table: str, row: Row) -> Certainty:
        """Grade how sure the numbers of a row are."""
        read = self.second_reads.get((table, self[table].row_key(row)))
        is_of_cited_source = read is not None and read["citation_id"] in ("", row["citation_id"])
        status = self["citations"].row(row["citation_id"])["publication_status"]
        return certainty(row["source_level"], read["result"] if read and is_of_cited_source else "", status)

    @cached_property
    def shared_population_names(self) -> dict[str, str]:
        """Map the ends of the ids of populations, after their trial's, to how most such populations are described."""
        described: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self["populations"].rows:
            described[row["population_id"].removeprefix(f"{row['trial_id']}-")][row["biomarker"] or row["name"]] += 1
        return {end: counts.most_common(1)[0][0] for end, counts in described.items()}

    def is_subgroup(self, row: Row) -> bool:
        """Tell whether a row is about part of a trial's patients only."""
        return self.analysis_set(row) == "subgroup"

    def analysis_set(self, row: Row) -> str:
        """Return which patients of a trial a row is about: itt, safety, subgroup and so on; empty where it has none."""
        return self["populations"].row(row["population_id"])["analysis_set"] if row["population_id"] else ""

    def subgroup_name(self, row: Row) -> str:
        """Name the part of an arm that a row is about; empty where it is all of it, or the arm's label says so."""
        if not self.is_subgroup(row):
            return ""
        name = self["populations"].row(row["population_id"])["name"]
        return "" if name.casefold() in self["arms"].row(row["arm_id"])["label"].casefold() else name

    @cached_property
    def therapies_of_arms(self) -> dict[str, list[str]]:
        """Map each arm to its therapies, those that are not optional first."""
        rows = sorted(self["arm_therapies"].rows, key=lambda r: (r["arm_id"], r["optional"], r["therapy_id"]))
        result: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            result[row["arm_id"]].append(row["therapy_id"])
        return result

    @cached_property
    def optional_therapies(self) -> set[tuple[str, str]]:
        """Arms with therapies that not all their patients were given, such as one drug of a class by choice."""
        return {(r["arm_id"], r["therapy_id"]) for r in self["arm_therapies"].rows if r["optional"] == "true"}

    def arms_with(self, therapies: set[str]) -> set[str]:
        """Return the arms in which one of these therapies is given."""
        return {arm for arm, therapies_of_arm in self.therapies_of_arms.items() if therapies & set(therapies_of_arm)}

    @cached_property
    def drugs_with_events(self) -> set[str]:
        """The therapies of arms that have side effects in the tables."""
        arms = {r["arm_id"] for r in self["adverse_events"].rows}
        return {t for arm in arms for t in self.therapies_of_arms.get(arm, ())}

    def class_and_ancestors(self, class_id: str) -> list[str]:
        """Return a class and every class above it, nearest first."""
        return self.database.class_ancestors(class_id)

    @cached_property
    def classes_below(self) -> dict[str, set[str]]:
        """Map each class to itself and every class below it."""
        below: dict[str, set[str]] = defaultdict(set)
        for row in self["therapy_classes"].rows:
            for ancestor in self.class_and_ancestors(row["class_id"]):
                below[ancestor].add(row["class_id"])
        return below

    def therapies_of(self, class_id: str) -> set[str]:
        """Return the therapies of a class and of those below it."""
        classes = self.classes_below[class_id]
        return {r["therapy_id"] for r in self["therapies"].rows if r["class_id"] in classes}

    @cached_property
    def separate_pages(self) -> dict[str, set[str]]:
        """Map each trial to the tables whose rows have a page of their own, so that its page stays light.

        The table that takes most of the page goes first.
        """
        tables_by_trial: dict[str, set[str]] = {}
        for row in self["trials"].rows:
            key = row["trial_id"]
            sizes = {
                table: row_bytes * len(self[table].where("trial_id", key)) for table, row_bytes in _ROW_BYTES.items()
            }
            while sum(sizes.values()) > _PAGE_BYTES:
                largest = max(sizes, key=lambda table: sizes[table])
                del sizes[largest]
                tables_by_trial.setdefault(key, set()).add(largest)
        return tables_by_trial

    @cached_property
    def flat_results(self) -> dict[str, dict[str, Any]]:
        """Map each result to its row of the flat table."""
        return {row["result_id"]: row for row in rows(self.database)}

    @cached_property
    def latest(self) -> set[str]:
        """Return the effects that are the latest result of their estimand, as `trial_results` chooses them."""
        latest_rows = (r for r in self.flat_results.values() if r["latest"] == "latest")
        return {r["result_id"] for r in latest_rows if r["result_type"] == "effect"}
