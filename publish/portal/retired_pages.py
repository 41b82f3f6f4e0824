"""Retired ids: a page at the address of each that had one, with a link to its successor; a line where a row was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .cells import Cell, Section, TableRow, TextPart, text
from .evidence import Evidence, Row
from .page_kinds import KIND_BY_TABLE, OWNER_COLUMNS, PageKind, anchor_from_key, label, page_address, row_address
from .site import Site


@dataclass(frozen=True, slots=True)
class RetiredAddress:
    """A retired id that has an address in the portal.

    Attributes:
        kind: of its page; a row on the page of a trial has the kind trial.
        key: the id.
        address: the address that the id had and has, from the site's root.
        reason: why it was retired.
        successor: what replaces it; empty where nothing does.
        successor_address: the address of the successor; empty where there is none.
    """

    kind: PageKind
    key: str
    address: str
    reason: str
    successor: str = ""
    successor_address: str = ""


def find_retired_addresses(evidence: Evidence) -> Iterator[RetiredAddress]:
    """Yield the retired ids that have an address."""
    if "retired_ids" not in evidence.tables:
        return
    for row in evidence["retired_ids"].rows:
        table, key, successor = row["table_name"], row["old_id"], row["successor_id"]
        if table in KIND_BY_TABLE:
            kind = KIND_BY_TABLE[table]
            live = bool(successor) and bool(evidence[table].where(kind.key, successor))
            address = page_address(kind, key)
            name_and_address = (label(evidence, kind, successor), page_address(kind, successor)) if live else ("", "")
        elif trial := _trial(evidence, row):
            kind = KIND_BY_TABLE["trials"]
            address = f"{page_address(kind, trial)}#{anchor_from_key(table, key)}"
            result = evidence[table].where(evidence[table].key[0], successor) if successor else []
            name_and_address = (successor, row_address(evidence, table, result[0])) if result else ("", "")
        else:
            continue
        yield RetiredAddress(kind, key, address, row["reason"], *name_and_address)


def write_retired_pages(site: Site) -> None:
    """Write a page for each retired id that had one."""
    for retired_address in find_retired_addresses(site.evidence):
        if "#" in retired_address.address:
            continue
        site.write_page(
            retired_address.address,
            "retired",
            f"{retired_address.key} is retired",
            key=retired_address.key,
            kind=retired_address.kind.name,
            reason=retired_address.reason,
            successor=retired_address.successor,
            successor_address=retired_address.successor_address,
        )


def make_withdrawn_section(trial: str, retired_addresses: Sequence[RetiredAddress]) -> Section | None:
    """List the rows that were on the page of a trial, at the anchors they had; None where all are still there."""
    page = page_address(KIND_BY_TABLE["trials"], trial)
    lines = [
        TableRow(
            retired_address.address.partition("#")[2],
            [text(retired_address.key), text(retired_address.reason), _successor(retired_address)],
        )
        for retired_address in retired_addresses
        if retired_address.address.startswith(f"{page}#")
    ]
    if not lines:
        return None
    intro = "These stood here in an earlier release, which still holds them; links to them lead here."
    return Section("withdrawn", "Withdrawn results", ["Id", "Why", "Instead"], lines, intro)


def _successor(retired_address: RetiredAddress) -> Cell:
    return (
        (TextPart(retired_address.successor, retired_address.successor_address),)
        if retired_address.successor_address
        else text("nothing")
    )


def _trial(evidence: Evidence, row: Row) -> str:
    """Return the trial of a retired row of a trial's page: the ids of such rows begin with the trial's."""
    if OWNER_COLUMNS.get(row["table_name"]) != "trial_id":
        return ""
    key = row["old_id"]
    matching_ids = [t["trial_id"] for t in evidence["trials"].rows if key.startswith(f"{t['trial_id']}-")]
    return max(matching_ids, key=len, default="")
