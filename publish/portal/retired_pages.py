"""Retired ids: a page at the address of each that had one, with a link to its successor; a line where a row was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .cells import Cell, Part, Section, TableRow, text
from .evidence import Evidence, Row
from .page_kinds import BY_TABLE, PAGE_COLUMNS, PageKind, address, anchor_of, label, row_address
from .site import Site


@dataclass(frozen=True, slots=True)
class RetiredAddress:
    """A retired id that has an address in the portal.

    Attributes:
        kind: of its page; a row on the page of a trial has the kind trial.
        key: the id.
        place: the address that the id had and has, from the site's root.
        reason: why it was retired.
        successor: what took its place; empty where nothing did.
        successor_place: the place of the successor; empty where there is none.
    """

    kind: PageKind
    key: str
    place: str
    reason: str
    successor: str = ""
    successor_place: str = ""


def retired_addresses(evidence: Evidence) -> Iterator[RetiredAddress]:
    """Yield the retired ids that have an address."""
    if "retired_ids" not in evidence.tables:
        return
    for row in evidence["retired_ids"].rows:
        table, key, successor = row["table_name"], row["old_id"], row["successor_id"]
        if table in BY_TABLE:
            kind = BY_TABLE[table]
            live = bool(successor) and bool(evidence[table].where(kind.key, successor))
            place = address(kind, key)
            named = (label(evidence, kind, successor), address(kind, successor)) if live else ("", "")
        elif trial := _trial(evidence, row):
            kind = BY_TABLE["trials"]
            place = f"{address(kind, trial)}#{anchor_of(table, key)}"
            result = evidence[table].where(evidence[table].key[0], successor) if successor else []
            named = (successor, row_address(evidence, table, result[0])) if result else ("", "")
        else:
            continue
        yield RetiredAddress(kind, key, place, row["reason"], *named)


def write_retired(site: Site) -> None:
    """Write a page for each retired id that had one."""
    for gone in retired_addresses(site.evidence):
        if "#" in gone.place:
            continue
        site.write(
            gone.place,
            "retired",
            f"{gone.key} is retired",
            key=gone.key,
            kind=gone.kind.name,
            reason=gone.reason,
            successor=gone.successor,
            successor_place=gone.successor_place,
        )


def withdrawn_section(trial: str, every: Sequence[RetiredAddress]) -> Section | None:
    """List the rows that stood on the page of a trial, at the anchors they had; None where all still stand."""
    page = address(BY_TABLE["trials"], trial)
    lines = [
        TableRow(gone.place.partition("#")[2], [text(gone.key), text(gone.reason), _successor(gone)])
        for gone in every
        if gone.place.startswith(f"{page}#")
    ]
    if not lines:
        return None
    intro = "These stood here in an earlier release, which still holds them; links to them lead here."
    return Section("withdrawn", "Withdrawn results", ["Id", "Why", "Instead"], lines, intro)


def _successor(gone: RetiredAddress) -> Cell:
    return (Part(gone.successor, gone.successor_place),) if gone.successor_place else text("nothing")


def _trial(evidence: Evidence, row: Row) -> str:
    """Return the trial of a retired row of a trial's page: the ids of such rows begin with the trial's."""
    if PAGE_COLUMNS.get(row["table_name"]) != "trial_id":
        return ""
    key = row["old_id"]
    fitting = [t["trial_id"] for t in evidence["trials"].rows if key.startswith(f"{t['trial_id']}-")]
    return max(fitting, key=len, default="")
