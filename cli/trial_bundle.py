"""Ask for a whole trial: its citation, therapies, arms, populations and results, each after what it refers to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from luminaldb.curation.drafts import Draft, DraftRow
    from luminaldb.loaders.database import Database

# What is mostly the same from one row of a table to the next one.
_REPEATED = ("population_id", "experimental_arm_id", "control_arm_id", "arm_id", "locator", "source_level", "measure")
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


def ask_bundle(tree: Database, draft: Draft) -> None:
    """Ask for the rows of a trial, table by table; the draft holds them.

    Args:
        tree: the tables.
        draft: empty, or the rows of an interview that ended early, which goes on after them.

    Raises:
        Abort: the curator ended it.
    """
    from luminaldb.curation.drafts import DraftRow

    order = [step.table for step in _STEPS if step.table in tree.tables]
    reached = order.index(draft.rows[-1].table) if draft.rows else 0
    if draft.rows and not draft.rows[-1].complete:
        _ask_row(tree, draft, draft.rows[-1])
    for step in (s for s in _STEPS if s.table in order[reached:]):
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

    before = [r for r in draft.rows if r is not row]
    entered = tree.with_files(add_rows(tree, [(r.table, r.cells) for r in before])[0]) if before else tree
    typer.secho(f"\nA row of {row.table}: {entered.resource(row.table).description}", bold=True)
    interview = Interview(entered, row.table, row.cells, defaults=_defaults(entered, draft, row), keep=draft.save)
    if interview.missing:
        interview.ask(interview.missing)
    row.complete = True
    draft.save()


def _defaults(tree: Database, draft: Draft, row: DraftRow) -> dict[str, str]:
    """Return what a cell most probably holds: the trial and citation of the bundle, and answers of the row before."""
    defaults: dict[str, str] = {}
    for earlier in (r for r in draft.rows if r is not row):
        if earlier.table in ("trials", "citations"):
            column = tree.resource(earlier.table).schema.primary_key[0]
            defaults[column] = earlier.cells.get(column, "")
        if earlier.table == "trials":
            defaults["citation_id"] = earlier.cells.get("citation_id") or defaults.get("citation_id", "")
        if earlier.table == row.table:
            defaults |= {c: v for c, v in earlier.cells.items() if c in _REPEATED}
    if row.table == "printed_numbers":
        defaults |= _result_to_copy(tree, draft)
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
