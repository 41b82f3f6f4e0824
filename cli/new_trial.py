"""Ask for a whole trial: its citation, therapies, arms, populations and results, each after what it refers to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from luminaldb.curation.drafts import Draft, DraftRow
    from luminaldb.loaders.database import Database

# What is mostly the same from one row of a table to the next one.
_COLUMNS_REPEATED_BY_NEXT_ROW = (
    "population_id", "experimental_arm_id", "control_arm_id", "arm_id", "locator", "source_level", "measure",
    "analysis", "hr_status", "her2_status", "menopausal_status",
)  # fmt: skip
# What most rows of a table hold.
_USUAL_CELLS = {
    "citations": {"language": "en", "publication_status": "published"},
    "arm_therapies": {"optional": "false"},
    "effects": {"measure": "hazard_ratio", "analysis": "primary"},
    "outcomes": {"analysis": "primary"},
}
# A column that fewer rows fill isn't asked for by itself.
_RARE_SHARE = 0.05
_RESULTS = ("effects", "outcomes", "adverse_events")


@dataclass(frozen=True, slots=True)
class _Step:
    table: str
    question: str
    needed: bool = False
    several: bool = True


_STEPS = (
    _Step("citations", "Enter the paper or record, if the tables lack it?", several=False),
    _Step("therapies", "Enter a therapy that the tables lack?"),
    _Step("trials", "the trial", needed=True, several=False),
    _Step("arms", "Another arm?", needed=True),
    _Step("arm_therapies", "Another therapy of an arm?", needed=True),
    _Step("populations", "Another population?", needed=True),
    _Step("effects", "A comparison of two arms (hazard ratio, odds ratio, …)?"),
    _Step("outcomes", "A result of one arm (a median, a rate)?"),
    _Step("adverse_events", "An adverse event of one arm?"),
    _Step("printed_numbers", "Copy the numbers of a result as its source prints them?"),
)


def ask_trial(tree: Database, draft: Draft) -> None:
    """Ask for the rows of a trial, table by table; the draft holds them.

    Args:
        tree: the tables.
        draft: empty, or the rows of an interview that ended early, which goes on after them.

    Raises:
        Abort: the curator ended it.
    """
    from luminaldb.curation.drafts import DraftRow

    order = [step.table for step in _STEPS if step.table in tree.tables]
    first_step = order.index(draft.rows[-1].table) if draft.rows else 0
    if draft.rows and not draft.rows[-1].complete:
        _ask_row(tree, draft, draft.rows[-1])
    for step in (s for s in _STEPS if s.table in order[first_step:]):
        while True:
            step_rows = [row for row in draft.rows if row.table == step.table]
            if step_rows and not step.several:
                break
            if (step_rows or not step.needed) and not typer.confirm(f"\n{step.table}: {step.question}", default=False):
                break
            draft.rows.append(DraftRow(step.table))
            _ask_row(tree, draft, draft.rows[-1])


def _ask_row(tree: Database, draft: Draft, row: DraftRow) -> None:
    from luminaldb.curation.new_row import add_rows

    from .prompts import Interview

    other_rows = [r for r in draft.rows if r is not row]
    tree_with_answers = (
        tree.with_files(add_rows(tree, [(r.table, r.cells) for r in other_rows])[0]) if other_rows else tree
    )
    typer.secho(f"\nA row of {row.table}: {tree_with_answers.resource(row.table).description}", bold=True)
    row.cells |= _known_cells(tree_with_answers, draft, row)
    trial = next((r.cells.get("trial_id", "") for r in other_rows if r.table == "trials"), "")
    defaults = _defaults(tree_with_answers, draft, row)
    interview = Interview(tree_with_answers, row.table, row.cells, defaults=defaults, save=draft.save, prefix=trial)
    rarely_filled = [
        c for c in rarely_filled_columns(tree_with_answers, row.table) if c in interview.missing and c not in defaults
    ]
    if columns_to_ask := [c for c in interview.missing if c not in rarely_filled]:
        interview.ask(columns_to_ask)
    if rarely_filled and typer.confirm(f"\nAlso {', '.join(rarely_filled)}?", default=False):
        interview.ask(rarely_filled)
    row.cells |= dict.fromkeys(interview.missing, "")
    row.complete = True
    draft.save()


def rarely_filled_columns(tree: Database, table: str) -> list[str]:
    """Return the optional columns of a table that hardly any of its rows fills."""
    resource, frame = tree.resource(table), tree.text(table)
    if not frame.height:
        return []
    required = {f.name for f in resource.schema.fields if f.constraints.get("required")} | {
        *resource.schema.primary_key
    }
    return [
        c for c in resource.schema.names if c not in required and (frame[c] != "").sum() < _RARE_SHARE * frame.height
    ]


def columns_filled_by_bundle(table: str) -> tuple[str, ...]:
    """Return the columns that a bundle fills by itself: the trial, and the result whose numbers are copied next."""
    if table == "printed_numbers":
        return ("table_name", "row_key")
    return () if table in ("citations", "therapies", "trials") else ("trial_id",)


def _known_cells(tree: Database, draft: Draft, row: DraftRow) -> dict[str, str]:
    defaults = _defaults(tree, draft, row)
    return {c: defaults[c] for c in columns_filled_by_bundle(row.table) if c in defaults and c not in row.cells}


def _defaults(tree: Database, draft: Draft, row: DraftRow) -> dict[str, str]:
    """Return what a cell most probably holds: the trial and citation of the bundle, and answers of the row before."""
    defaults: dict[str, str] = dict(_USUAL_CELLS.get(row.table, {}))
    for earlier in (r for r in draft.rows if r is not row):
        if earlier.table in ("trials", "citations"):
            column = tree.resource(earlier.table).schema.primary_key[0]
            defaults[column] = earlier.cells.get(column, "")
        if earlier.table == "trials":
            defaults["citation_id"] = earlier.cells.get("citation_id") or defaults.get("citation_id", "")
        if earlier.table == "arms" and (role := earlier.cells.get("role")):
            defaults.setdefault(f"{role}_arm_id", earlier.cells.get("arm_id", ""))
        if earlier.table == "populations":
            defaults.setdefault("population_id", earlier.cells.get("population_id", ""))
        if earlier.table == row.table or (earlier.table == "trials" and row.table == "populations"):
            defaults |= {c: v for c, v in earlier.cells.items() if c in _COLUMNS_REPEATED_BY_NEXT_ROW}
    if row.table == "populations":
        defaults.pop("population_id", None)
    if row.table == "printed_numbers":
        defaults |= {"seen_on": datetime.now(tz=UTC).date().isoformat(), **_result_to_copy(tree, draft)}
    return {c: v for c, v in defaults.items() if v and c in tree.resource(row.table).schema.names}


def _result_to_copy(tree: Database, draft: Draft) -> dict[str, str]:
    """Name the first result of the bundle whose numbers weren't copied yet."""
    from luminaldb.curation.new_row import row_key

    copied = {(r.cells.get("table_name"), r.cells.get("row_key")) for r in draft.rows if r.table == "printed_numbers"}
    for row in draft.rows:
        key = row_key(tree, row.table, row.cells)
        if row.table in _RESULTS and (row.table, key) not in copied:
            return {"table_name": row.table, "row_key": key, "citation_id": row.cells.get("citation_id", "")}
    return {}
