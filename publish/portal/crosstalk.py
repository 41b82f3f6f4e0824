"""The crosstalk map: the ER-HER2 network with direction and sign, what each therapy blocks and what restores it."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from luminaldb.analysis.crosstalk_graph import SIGNS

from ..labels import words
from .columns import section_builder
from .crosstalk_layers import WIDTH, places
from .evidence import Evidence, Row
from .page_kinds import BY_TABLE, address, label
from .site import Site

# Holding a receptor or cutting it down silences what it sends; a conjugate's payload and an agonist do other things.
SILENCING = ("inhibitor", "antagonist", "degrader", "modulator", "binder")
_BOX = (27.0, 12.0)
_DIRECTIONS = ("er_to_her2", "her2_to_er", "downstream", "other")


def write_crosstalk(site: Site) -> None:
    """Write the map: data for the component that draws it, a drawing for those without scripts, the table."""
    evidence = site.evidence
    places, bands, height = _layout(evidence)
    nodes = [_node(evidence, gene, place) for gene, place in places.items()]
    edges = [_edge(evidence, row) for row in evidence["interactions"].rows]
    therapies = [t for row in evidence["therapies"].rows if (t := _therapy(evidence, row, set(places)))]
    directions = [(d, words(d)) for d in _DIRECTIONS]
    site.script(
        "data/crosstalk.js",
        ("crosstalk",),
        {
            "nodes": nodes,
            "edges": edges,
            "therapies": {t["id"]: t for t in therapies},
            "bands": [{"name": n, "y": y, "height": h, "width": WIDTH} for n, y, h in bands],
        },
    )
    builder = section_builder(evidence, ())
    site.write(
        "crosstalk.html",
        "crosstalk",
        "Crosstalk map",
        width=WIDTH,
        height=height,
        bands=bands,
        nodes=nodes,
        lines=_lines(edges, places),
        section=builder.section("interactions", "Interactions", "interactions", evidence["interactions"].rows),
        directions=directions,
        therapies=sorted(therapies, key=lambda t: str(t["name"])),
    )


def _layout(
    evidence: Evidence,
) -> tuple[dict[str, tuple[float, float]], list[tuple[str, float, float]], float]:
    """Lay the genes out in layers of pathways: the same place for the same genes."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for row in evidence["interactions"].rows:
        neighbours[row["source_gene_id"]].add(row["target_gene_id"])
        neighbours[row["target_gene_id"]].add(row["source_gene_id"])
    symbols = {gene: evidence["genes"].row(gene)["symbol"] for gene in sorted(neighbours)}
    return places(symbols, neighbours)


def _node(evidence: Evidence, gene: str, place: tuple[float, float]) -> dict[str, Any]:
    targets = evidence["therapy_targets"].where("gene_id", gene)
    return {
        "id": gene,
        "symbol": evidence["genes"].row(gene)["symbol"],
        "x": place[0],
        "y": place[1],
        "place": address(BY_TABLE["genes"], gene),
        "targeted": bool(targets),
    }


def _edge(evidence: Evidence, row: Row) -> dict[str, Any]:
    mechanism = row["mechanism_id"]
    return {
        "id": row["interaction_id"],
        "from": row["source_gene_id"],
        "to": row["target_gene_id"],
        "type": words(row["interaction_type"]),
        "sign": SIGNS.get(row["interaction_type"], ""),
        "direction": row["crosstalk"],
        "said": row["description"],
        "mechanism": label(evidence, BY_TABLE["mechanisms"], mechanism) if mechanism else "",
        "mechanism_id": mechanism,
        "source": evidence.source_names[row["citation_id"]],
        "place": address(BY_TABLE["citations"], row["citation_id"]),
    }


def _therapy(evidence: Evidence, row: Row, drawn: set[str]) -> dict[str, Any] | None:
    """List what a therapy blocks and what resistance restores; None for one that blocks nothing on the map."""
    key = row["therapy_id"]
    targets = evidence["therapy_targets"].where("therapy_id", key)
    held = {t["gene_id"] for t in targets if t["action"] in SILENCING} & drawn
    if not held:
        return None
    classes = set(evidence.class_line(row["class_id"]))
    resisting = {
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
        "targets": sorted(held),
        "blocks": [i["interaction_id"] for i in interactions if i["source_gene_id"] in held],
        "reopens": [i["interaction_id"] for i in interactions if i["mechanism_id"] in resisting],
    }


def _lines(edges: list[dict[str, Any]], places: dict[str, tuple[float, float]]) -> list[dict[str, Any]]:
    """Give each edge as a line that ends where the box of its target begins."""
    lines = []
    for edge in edges:
        (x1, y1), (x2, y2) = places[edge["from"]], places[edge["to"]]
        dx, dy = x2 - x1, y2 - y1
        if not (dx or dy):
            continue
        reach = min(_BOX[0] / abs(dx) if dx else math.inf, _BOX[1] / abs(dy) if dy else math.inf, 0.5)
        ends = {
            "x1": x1 + dx * reach, "y1": y1 + dy * reach, "x2": x2 - dx * reach, "y2": y2 - dy * reach,
        }  # fmt: skip
        lines.append({**edge, **{k: round(v, 1) for k, v in ends.items()}})
    return lines
