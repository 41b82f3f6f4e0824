"""The crosstalk map: the ER-HER2 network with direction and sign, what each therapy blocks and what restores it."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from luminaldb.analysis.crosstalk_graph import SIGNS

from ..labels import code_in_words
from .crosstalk_layers import WIDTH, lay_out_genes
from .evidence import Evidence, Row
from .page_kinds import KIND_BY_TABLE, label, page_address
from .sections import section_builder
from .site import Site

# Holding a receptor or cutting it down silences what it sends; a conjugate's payload and an agonist do other things.
SILENCING_ACTIONS = ("inhibitor", "antagonist", "degrader", "modulator", "binder")
_BOX = (27.0, 12.0)
_EDGE_DISTANCE = 14.0
_NEIGHBOUR_DISTANCE = 130.0
_DIRECTIONS = ("er_to_her2", "her2_to_er", "downstream", "other")


def write_crosstalk_map(site: Site) -> None:
    """Write the map: the drawing, what its filters need, the table."""
    evidence = site.evidence
    positions, bands, height = _lay_out(evidence)
    nodes = [_node(evidence, gene, position) for gene, position in positions.items()]
    edges = [_edge(evidence, row) for row in evidence["interactions"].rows]
    therapies = [t for row in evidence["therapies"].rows if (t := _therapy(evidence, row, set(positions)))]
    directions = [(d, code_in_words(d)) for d in _DIRECTIONS]
    site.write_script(
        "data/crosstalk.js",
        ("crosstalk",),
        {
            "symbols": {node["id"]: node["symbol"] for node in nodes},
            "edges": edges,
            "therapies": {t["id"]: t for t in therapies},
        },
    )
    builder = section_builder(evidence, ())
    site.write_page(
        "crosstalk.html",
        "crosstalk",
        "Crosstalk map",
        width=WIDTH,
        height=height,
        bands=bands,
        nodes=nodes,
        edges=_paths(edges, positions),
        section=builder.section("interactions", "Interactions", "interactions", evidence["interactions"].rows),
        directions=directions,
        therapies=sorted(therapies, key=lambda t: str(t["name"])),
    )


def _lay_out(
    evidence: Evidence,
) -> tuple[dict[str, tuple[float, float]], list[tuple[str, float, float]], float]:
    """Lay the genes out in layers of pathways: the same position for the same genes."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for row in evidence["interactions"].rows:
        neighbours[row["source_gene_id"]].add(row["target_gene_id"])
        neighbours[row["target_gene_id"]].add(row["source_gene_id"])
    symbols = {gene: evidence["genes"].row(gene)["symbol"] for gene in sorted(neighbours)}
    return lay_out_genes(symbols, neighbours)


def _node(evidence: Evidence, gene: str, position: tuple[float, float]) -> dict[str, Any]:
    targets = evidence["therapy_targets"].where("gene_id", gene)
    return {
        "id": gene,
        "symbol": evidence["genes"].row(gene)["symbol"],
        "x": position[0],
        "y": position[1],
        "address": page_address(KIND_BY_TABLE["genes"], gene),
        "targeted": bool(targets),
    }


def _edge(evidence: Evidence, row: Row) -> dict[str, Any]:
    mechanism = row["mechanism_id"]
    return {
        "id": row["interaction_id"],
        "from": row["source_gene_id"],
        "to": row["target_gene_id"],
        "type": code_in_words(row["interaction_type"]),
        "sign": SIGNS.get(row["interaction_type"], ""),
        "direction": row["crosstalk"],
        "description": row["description"],
        "mechanism": label(evidence, KIND_BY_TABLE["mechanisms"], mechanism) if mechanism else "",
        "mechanism_id": mechanism,
        "source": evidence.source_names[row["citation_id"]],
        "address": page_address(KIND_BY_TABLE["citations"], row["citation_id"]),
    }


def _therapy(evidence: Evidence, row: Row, genes_on_map: set[str]) -> dict[str, Any] | None:
    """List what a therapy blocks and what resistance restores; None for one that blocks nothing on the map."""
    key = row["therapy_id"]
    targets = evidence["therapy_targets"].where("therapy_id", key)
    silenced_genes = {t["gene_id"] for t in targets if t["action"] in SILENCING_ACTIONS} & genes_on_map
    if not silenced_genes:
        return None
    classes = set(evidence.class_and_ancestors(row["class_id"]))
    resistance_mechanisms = {
        r["mechanism_id"]
        for r in evidence["mechanism_evidence"].rows
        if r["significance"] == "resistance"
        and r["direction"] == "supports"
        and (r["therapy_id"] == key or r["class_id"] in classes)
    }
    interactions = evidence["interactions"].rows
    return {
        "id": key,
        "name": row["name"],
        "targets": sorted(silenced_genes),
        "blocks": [i["interaction_id"] for i in interactions if i["source_gene_id"] in silenced_genes],
        "restores": [i["interaction_id"] for i in interactions if i["mechanism_id"] in resistance_mechanisms],
    }


def _paths(edges: list[dict[str, Any]], positions: dict[str, tuple[float, float]]) -> list[dict[str, Any]]:
    """Draw each edge from box to box; edges between the same two genes bend apart, one to itself is a loop."""
    pairs = defaultdict(list)
    for edge in edges:
        pairs[frozenset((edge["from"], edge["to"]))].append(edge)
    paths = []
    for edges_of_pair in pairs.values():
        for number, edge in enumerate(edges_of_pair):
            start, end = positions[edge["from"]], positions[edge["to"]]
            if start == end:
                path = _loop(start, number)
            else:
                # The side to which an edge bends doesn't depend on its direction.
                side = 1 if edge["from"] <= edge["to"] else -1
                bend = side * _EDGE_DISTANCE * (number - (len(edges_of_pair) - 1) / 2)
                if start[1] == end[1] and abs(end[0] - start[0]) > _NEIGHBOUR_DISTANCE:
                    # Above the boxes between them.
                    bend = -math.copysign(_EDGE_DISTANCE * (number + 1), end[0] - start[0])
                path = _curve(start, end, bend)
            paths.append({**edge, "path": path})
    return paths


def _curve(start: tuple[float, float], end: tuple[float, float], bend: float) -> str:
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1)
    middle = ((x1 + x2) / 2 - 2 * bend * (y2 - y1) / length, (y1 + y2) / 2 + 2 * bend * (x2 - x1) / length)
    (ax, ay), (bx, by) = _edge_of_box(start, middle), _edge_of_box(end, middle)
    return f"M{ax:.1f} {ay:.1f}Q{middle[0]:.1f} {middle[1]:.1f} {bx:.1f} {by:.1f}"


def _edge_of_box(centre: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    share = min(_BOX[0] / abs(dx) if dx else math.inf, _BOX[1] / abs(dy) if dy else math.inf, 1.0)
    return centre[0] + dx * share, centre[1] + dy * share


def _loop(centre: tuple[float, float], number: int) -> str:
    x, y = centre
    up = y - _BOX[1] - 16 - 6 * number
    return f"M{x + 8:.1f} {y - _BOX[1]:.1f}C{x + 4:.1f} {up:.1f} {x + 40:.1f} {up:.1f} {x + 22:.1f} {y - _BOX[1]:.1f}"
