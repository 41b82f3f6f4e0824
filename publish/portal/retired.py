"""Pages at the addresses of retired ids, which lead on to their successors."""

from __future__ import annotations

from .kinds import BY_TABLE, address, label
from .site import Site


def write_retired(site: Site) -> None:
    """Write a page for each retired id that had one."""
    evidence = site.evidence
    if "retired_ids" not in evidence.tables:
        return
    for row in evidence["retired_ids"].rows:
        kind = BY_TABLE.get(row["table_name"])
        if kind is None:
            continue
        successor = row["successor_id"]
        live = bool(successor) and bool(evidence[kind.table].where(kind.key, successor))
        site.write(
            address(kind, row["old_id"]),
            "retired",
            f"{row['old_id']} is retired",
            key=row["old_id"],
            kind=kind.name,
            reason=row["reason"],
            successor=label(evidence, kind, successor) if live else "",
            leads_to=address(kind, successor) if live else "",
        )
