"""How the cell of each column of a page's tables is made from a row.

A column whose name starts with `=` is computed from several columns of the row, by one of `CELL_MAKERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..labels import code_in_words
from .cells import Cell, TextPart, external_link, stack, text
from .effect_texts import (
    analysis_name,
    draw_interval,
    effect_in_words,
    outcome_in_words,
    p_value,
    significance_in_words,
)
from .evidence import Evidence, Row
from .interval_drawing import Scale
from .page_kinds import KIND_BY_TABLE, label, page_address, row_address

PUBLICATION_STATUS_BADGES = {
    "corrected": ("corrected", "The paper was corrected"),
    "retracted": ("bad", "The paper was retracted"),
    "retracted_republished": ("bad", "The paper was retracted and published again"),
    "expression_of_concern": ("bad", "The journal voiced concern"),
    "preprint": ("weak", "Not peer reviewed"),
    "conference_only": ("weak", "Seen at a conference only"),
}
REGISTRIES = {
    "chembl": "https://www.ebi.ac.uk/chembl/compound_report_card/{}/",
    "drugbank": "https://go.drugbank.com/drugs/{}",
    "pubchem_cid": "https://pubchem.ncbi.nlm.nih.gov/compound/{}",
    "rxnorm": "https://mor.nlm.nih.gov/RxNav/search?searchBy=RXCUI&searchTerm={}",
    "unii": "https://precision.fda.gov/uniisearch/srs/unii/{}",
    "ncit": "https://evsexplore.semantics.cancer.gov/evsexplore/concept/ncit/{}",
    "atc": "https://atcddd.fhi.no/atc_ddd_index/?code={}",
}


@dataclass(frozen=True, slots=True)
class CellBuilder:
    """Makes the cells of a page's tables.

    Attributes:
        evidence: the tables.
        scale: on which the intervals of the page are drawn.
    """

    evidence: Evidence
    scale: Scale

    def link(self, table: str, key: str) -> TextPart:
        """Return a link to the page of a row."""
        kind = KIND_BY_TABLE[table]
        return TextPart(label(self.evidence, kind, key), page_address(kind, key))

    def source(self, row: Row, level: str = "") -> Cell:
        """Describe the source of a row: the citation, the place in it, the source level, and any retraction."""
        key = row.get("citation_id", "")
        if not key:
            return ()
        parts = [self.link("citations", key)]
        place = ", ".join(dict.fromkeys(v for v in (row.get("locator", ""), level) if v))
        if place:
            parts.append(TextPart(place, css_class="where"))
        numbers_citation = row.get("numbers_citation_id", "")
        numbers = (
            (TextPart("counts or follow-up from", css_class="where"), self.link("citations", numbers_citation))
            if numbers_citation
            else ()
        )
        return (*parts, *make_publication_status_badges(self.evidence["citations"].row(key)), *numbers)

    def arm_label(self, arm: str) -> Cell:
        """Name an arm by its label."""
        return text(self.evidence["arms"].row(arm)["label"]) if arm else ()

    def cell(self, table: str, column: str, row: Row) -> Cell:
        """Make one cell: by its function in `CELL_MAKERS`, as a link for a key, as words for an enum."""
        if column == _DRAWING_COLUMN:
            return _interval_drawing(self, table, row)
        cache = self.evidence.cells
        cache_key = (table, column, id(row))
        if cache_key not in cache:
            # The row is held beside its cell, as an id may be used again once its object is gone.
            cache[cache_key] = (row, self._cell(table, column, row))
        return cache[cache_key][1]

    def _cell(self, table: str, column: str, row: Row) -> Cell:
        if column in CELL_MAKERS:
            return CELL_MAKERS[column](self, table, row)
        value = row[column]
        if not value:
            return ()
        target = self.evidence[table].references.get(column, ("", ""))[0]
        if target in KIND_BY_TABLE:
            return (self.link(target, value),)
        if target == "arms":
            return self.arm_label(value)
        if target == "endpoints":
            return (endpoint(self.evidence, value),)
        if target == "populations":
            return text(self.evidence["populations"].row(value)["name"])
        field = self.evidence[table].fields_by_name[column]
        return text(code_in_words(value) if field.choices and field.type == "string" else value)

    def stacked_cells(self, table: str, columns: tuple[str, ...], row: Row) -> Cell:
        """Make the cell of several columns; one without a drawing is the same on every page."""
        if _DRAWING_COLUMN in columns:
            return stack([self.cell(table, column, row) for column in columns])
        cache = self.evidence.cells
        cache_key = (table, columns, id(row))
        if cache_key not in cache:
            cache[cache_key] = (row, stack([self.cell(table, column, row) for column in columns]))
        return cache[cache_key][1]


def describe_source_level(row: Row) -> str:
    """Write the source level of a row in words."""
    source_level = code_in_words(row.get("source_level", ""))
    return {"secondary": "somebody else's report"}.get(source_level, source_level)


def make_publication_status_badges(citation: Row) -> Cell:
    """Return the badges of a citation: retracted, corrected, preprint, conference only, superseded."""
    parts = []
    if citation["publication_status"] in PUBLICATION_STATUS_BADGES:
        css_class, explanation = PUBLICATION_STATUS_BADGES[citation["publication_status"]]
        parts.append(TextPart(code_in_words(citation["publication_status"]), css_class=css_class, title=explanation))
    if citation["superseded_by"]:
        parts.append(TextPart("superseded", css_class="bad", title="A later source reports this again"))
    return tuple(parts)


def endpoint(evidence: Evidence, key: str) -> TextPart:
    """Name an endpoint by its abbreviation, with its full name as the tooltip."""
    row = evidence["endpoints"].row(key)
    return TextPart(row["abbreviation"] or row["name"], title=row["name"])


def _comparison(builder: CellBuilder, table: str, row: Row) -> Cell:
    arms = builder.evidence["arms"]
    experimental, control = (arms.row(row[c])["label"] for c in ("experimental_arm_id", "control_arm_id"))
    not_randomised = (
        (TextPart("not randomised against one another", css_class="where"),) if row["randomised"] == "false" else ()
    )
    return (TextPart(experimental), TextPart(f"against {control}", css_class="where"), *not_randomised)


def _effect(builder: CellBuilder, table: str, row: Row) -> Cell:
    return (TextPart(effect_in_words(row)),)


def _interval_drawing(builder: CellBuilder, table: str, row: Row) -> Cell:
    interval = draw_interval(builder.evidence, row, builder.scale)
    return (TextPart("", drawing=interval),) if interval else ()


def _outcome(builder: CellBuilder, table: str, row: Row) -> Cell:
    return (TextPart(outcome_in_words(row)),)


def _counts(builder: CellBuilder, table: str, row: Row) -> Cell:
    if "n_experimental" in row and not (row["events_experimental"] or row["events_control"]):
        return text(" against ".join(f"{row[n]} patients" for n in ("n_experimental", "n_control") if row[n]))
    if "n_experimental" in row:
        sides = [
            f"{row[f'events_{s}'] or 'not printed'} of {row[f'n_{s}'] or 'not printed'}"
            for s in ("experimental", "control")
            if row[f"events_{s}"] or row[f"n_{s}"]
        ]
        return text(" against ".join(sides))
    if not (row["events"] or row["n"]):
        return ()
    if not row["events"]:
        return text(f"{row['n']} patients")
    return text(f"{row['events']} of {row['n']}" if row["n"] else f"{row['events']}, of how many isn't printed")


def _percent(builder: CellBuilder, table: str, row: Row) -> Cell:
    return text(f"{row['percent']} %" if row["percent"] else "")


def _therapy_or_class(builder: CellBuilder, table: str, row: Row) -> Cell:
    column = next(c for c in ("therapy_id", "class_id") if row[c])
    return builder.cell(table, column, row)


def _claim_subject(builder: CellBuilder, table: str, row: Row) -> Cell:
    columns = ("therapy_id", "class_id", "mechanism_id", "trial_id", "gene_id")
    return builder.cell(table, next(c for c in columns if row[c]), row)


def _significance(builder: CellBuilder, table: str, row: Row) -> Cell:
    significance = code_in_words(row["significance"])
    return text(significance if row["direction"] == "supports" else f"evidence against {significance}")


def _p_value(builder: CellBuilder, table: str, row: Row) -> Cell:
    significance = significance_in_words(row)
    return (*text(p_value(row)), *((TextPart(significance, css_class="where"),) if significance else ()))


def _crossover(builder: CellBuilder, table: str, row: Row) -> Cell:
    share = f"{row['crossover_percent']} %" if row["crossover_percent"] else ""
    return text("; ".join(v for v in (share, row["crossover_note"]) if v))


def _receptors(builder: CellBuilder, table: str, row: Row) -> Cell:
    parts = [f"{name} {code_in_words(row[c])}" for name, c in (("HR", "hr_status"), ("HER2", "her2_status")) if row[c]]
    return text(", ".join(parts))


def _certainty(builder: CellBuilder, table: str, row: Row) -> Cell:
    grade = builder.evidence.certainty_of(table, row)
    return (
        TextPart(grade.name, css_class=f"sure sure-{grade.grade}", title=grade.text),
        TextPart(", ".join(grade.reasons), css_class="where"),
    )


def _labelled_p_value(builder: CellBuilder, table: str, row: Row) -> Cell:
    parts = _p_value(builder, table, row)
    return (TextPart("P"), *parts) if row["p_value"] else parts


def _term(builder: CellBuilder, table: str, row: Row) -> Cell:
    printed = (TextPart(f"printed: {row['term_printed']}", css_class="where"),) if row["term_printed"] else ()
    return (TextPart(row["term"]), *printed)


def _arm_and_subgroup(builder: CellBuilder, table: str, row: Row) -> Cell:
    """Name the arm, and the part of its patients that the row is about where it isn't about all of them."""
    subgroup = builder.evidence.subgroup_name(row)
    return (*builder.arm_label(row["arm_id"]), *((TextPart(subgroup, css_class="where"),) if subgroup else ()))


def _follow_up(builder: CellBuilder, table: str, row: Row) -> Cell:
    months = f"{row['median_follow_up_months']} months" if row["median_follow_up_months"] else ""
    months = row["follow_up_printed"] or months
    cutoff = f"data of {row['data_cutoff']}" if row["data_cutoff"] else ""
    return text("; ".join(v for v in (months, cutoff) if v))


def _registry(builder: CellBuilder, table: str, row: Row) -> Cell:
    pattern = REGISTRIES.get(row["registry"])
    return external_link(pattern.format(row["identifier"]), row["identifier"]) if pattern else text(row["identifier"])


def _name(builder: CellBuilder, table: str, row: Row) -> Cell:
    kind = KIND_BY_TABLE[table]
    return (TextPart(label(builder.evidence, kind, row[kind.key]), row_address(builder.evidence, table, row)),)


def _doses(builder: CellBuilder, table: str, row: Row) -> Cell:
    parts = []
    for therapy in builder.evidence["arm_therapies"].where("arm_id", row["arm_id"]):
        parts.append(builder.link("therapies", therapy["therapy_id"]))
        dose = ", ".join(v for v in (therapy["dose"], therapy["schedule"]) if v)
        optional = "optional" if therapy["optional"] == "true" else ""
        if dose or optional:
            parts.append(TextPart("; ".join(v for v in (optional, dose) if v), css_class="where"))
    return tuple(parts)


# The interval, the one cell that differs from page to page: it is drawn on the page's own scale.
_DRAWING_COLUMN = "=drawing"
# Tables with a grade ("how sure"), whose reasons name the source level.
GRADED_TABLES = ("effects", "outcomes", "adverse_events")
CELL_MAKERS: dict[str, Callable[[CellBuilder, str, Row], Cell]] = {
    "=name": _name,
    "=source": lambda builder, table, row: builder.source(
        row, level="" if table in GRADED_TABLES else describe_source_level(row)
    ),
    "=comparison": _comparison,
    "=effect": _effect,
    "=outcome": _outcome,
    "=counts": _counts,
    "=percent": _percent,
    "=therapy_or_class": _therapy_or_class,
    "=subject": _claim_subject,
    "=significance": _significance,
    "=analysis": lambda _, __, row: text(analysis_name(row)),
    "=p_value": _p_value,
    "=test": _labelled_p_value,
    "=certainty": _certainty,
    "=receptors": _receptors,
    "=crossover": _crossover,
    "=term": _term,
    "=grade": lambda _, __, row: text("any grade" if row["grade"] == "any" else code_in_words(row["grade"])),
    "=arm": _arm_and_subgroup,
    "=follow_up": _follow_up,
    "=registry": _registry,
    "=doses": _doses,
    "=publication_status": lambda _, __, row: make_publication_status_badges(row),
}
