"""The crosstalk map: the ER-HER2 network with direction and sign, what each therapy blocks and what restores it."""

from __future__ import annotations

import math
from typing import Any

from luminaldb.analysis.crosstalk_graph import SIGNS, crosstalk_graph

from .columns import facts_for
from .evidence import Evidence, Row
from .labels import words
from .page_kinds import BY_TABLE, address, label
from .site import Site

# Holding a receptor or cutting it down silences what it sends; a conjugate's payload and an agonist do other things.
SILENCING = ("inhibitor", "antagonist", "degrader", "modulator", "binder")
WIDTH, HEIGHT = 1100.0, 760.0
_MARGIN = 46.0
_BOX = (27.0, 12.0)
_DIRECTIONS = ("er_to_her2", "her2_to_er", "downstream", "other")


def write_crosstalk(site: Site) -> None:
    """Write the map: data for the component that draws it, a drawing for those without scripts, the table."""
    evidence = site.evidence
    places = _places()
    nodes = [_node(evidence, gene, place) for gene, place in places.items()]
    edges = [_edge(evidence, row) for row in evidence["interactions"].rows]
    therapies = [t for row in evidence["therapies"].rows if (t := _therapy(evidence, row, set(places)))]
    directions = [(d, words(d)) for d in _DIRECTIONS]
    site.script(
        "data/crosstalk.js",
        ("crosstalk",),
        {"nodes": nodes, "edges": edges, "therapies": {t["id"]: t for t in therapies}},
    )
    facts = facts_for(evidence, ())
    site.write(
        "crosstalk.html",
        "crosstalk",
        "Crosstalk map",
        width=WIDTH,
        height=HEIGHT,
        nodes=nodes,
        lines=_lines(edges, places),
        section=facts.section("interactions", "Interactions", "interactions", evidence["interactions"].rows),
        directions=directions,
        therapies=sorted(therapies, key=lambda t: str(t["name"])),
    )


def _places() -> dict[str, tuple[float, float]]:
    """Lay the network out: the same place for the same network, ESR1 on the left of ERBB2."""
    import networkx as nx

    graph = nx.Graph(crosstalk_graph())
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    result: dict[str, tuple[float, float]] = {}
    # Parts that touch nothing else would push the rest aside: they stand in a row below.
    parts = sorted(nx.connected_components(graph), key=lambda p: (-len(p), min(p)))
    main = graph.subgraph(sorted(parts[0]))
    start = nx.circular_layout(main)
    laid = nx.kamada_kawai_layout(main, pos=start)
    symbols = nx.get_node_attributes(graph, "symbol")
    keys = {symbol: gene for gene, symbol in symbols.items()}
    left, right = laid[keys["ESR1"]], laid[keys["ERBB2"]]
    turn = -math.atan2(right[1] - left[1], right[0] - left[0])
    turned = {
        gene: (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
        for gene, (x, y) in laid.items()
    }
    floor = HEIGHT - 60.0 * (len(parts) > 1)
    for axis, length in ((0, WIDTH), (1, floor)):
        values = [p[axis] for p in turned.values()]
        low, span = min(values), max(values) - min(values)
        for gene, place in turned.items():
            own = list(result.get(gene, place))
            own[axis] = round(_MARGIN + (place[axis] - low) / span * (length - 2 * _MARGIN), 1)
            result[gene] = (own[0], own[1])
    rest = [gene for part in parts[1:] for gene in sorted(part)]
    for n, gene in enumerate(rest):
        result[gene] = (round(_MARGIN + n * 90.0, 1), HEIGHT - 30.0)
    return dict(sorted(result.items()))


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
