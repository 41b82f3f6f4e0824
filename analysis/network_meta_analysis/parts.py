"""The connected parts of a network."""

from __future__ import annotations

import polars as pl

from luminaldb.errors import LuminaldbError

_MAX_SHOWN = 5


def connected_parts(contrasts: pl.DataFrame) -> list[list[str]]:
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
    parts = connected_parts(contrasts)
    nodes = sorted(node for part_nodes in parts for node in part_nodes)
    for named_node in (part, reference):
        if named_node is not None and named_node not in nodes:
            from luminaldb.loaders.suggestions import refuse_unknown

            refuse_unknown("node", named_node, nodes, table="luminaldb.contrasts()")
    if part is None and len(parts) > 1:
        parts_text = "; ".join(f"({n}) {_list(part_nodes)}" for n, part_nodes in enumerate(parts[:_MAX_SHOWN], 1))
        parts_text += f"; and {len(parts) - _MAX_SHOWN} more" if len(parts) > _MAX_SHOWN else ""
        raise LuminaldbError(
            f"the network falls into {len(parts)} parts that no trial connects: {parts_text}; "
            f"analyze one of them with part={parts[0][0]!r}, or choose coarser nodes"
        )
    nodes_of_part = next(part_nodes for part_nodes in parts if part is None or part in part_nodes)
    if reference is not None and reference not in nodes_of_part:
        raise LuminaldbError(
            f"no trial connects the reference {reference!r} with {part!r}; its part is {_list(nodes_of_part)}"
        )
    return contrasts.filter(pl.col("treatment").is_in(nodes_of_part))


def _list(nodes: list[str]) -> str:
    more = f" and {len(nodes) - _MAX_SHOWN} more" if len(nodes) > _MAX_SHOWN else ""
    return ", ".join(nodes[:_MAX_SHOWN]) + more
