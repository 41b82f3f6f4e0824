"""The connected parts of a network."""

from __future__ import annotations

import polars as pl

from luminaldb.errors import LuminaldbError

_SHOWN = 5


def parts_of(contrasts: pl.DataFrame) -> list[list[str]]:
    """Return the connected parts of a network, the largest first, each as its sorted nodes."""
    parts: list[set[str]] = []
    for pair in contrasts.select("treatment", "control").iter_rows():
        touching = [part for part in parts if part & set(pair)]
        parts = [*(part for part in parts if part not in touching), set(pair).union(*touching)]
    return sorted((sorted(part) for part in parts), key=lambda part: (-len(part), part))


def connected_part(contrasts: pl.DataFrame, part: str | None, reference: str | None) -> pl.DataFrame:
    """Return the contrasts of one connected part.

    Args:
        contrasts: of the whole network.
        part: a node of the part; None where the network must be connected as a whole.
        reference: must be a node of the part.

    Raises:
        LuminaldbError: the network has several parts and none was named, or a node isn't there.
    """
    parts = parts_of(contrasts)
    nodes = sorted(node for one in parts for node in one)
    for wanted in (part, reference):
        if wanted is not None and wanted not in nodes:
            from luminaldb.loaders.suggestions import refuse_unknown

            refuse_unknown("node", wanted, nodes, table="luminaldb.contrasts()")
    if part is None and len(parts) > 1:
        listed = "; ".join(f"({n}) {_list(one)}" for n, one in enumerate(parts[:_SHOWN], 1))
        listed += f"; and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
        raise LuminaldbError(
            f"the network falls into {len(parts)} parts that no trial connects: {listed}; "
            f"analyze one of them with part={parts[0][0]!r}, or choose coarser nodes"
        )
    own = next(one for one in parts if part is None or part in one)
    if reference is not None and reference not in own:
        raise LuminaldbError(f"no trial connects the reference {reference!r} with {part!r}; its part is {_list(own)}")
    return contrasts.filter(pl.col("treatment").is_in(own))


def _list(nodes: list[str]) -> str:
    more = f" and {len(nodes) - _SHOWN} more" if len(nodes) > _SHOWN else ""
    return ", ".join(nodes[:_SHOWN]) + more
