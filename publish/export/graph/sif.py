"""SIF: source, interaction, target, separated by tabs, as Cytoscape reads it; nodes by their labels."""

from __future__ import annotations

from .mechanism_graph import MechanismGraph


def render(graph: MechanismGraph) -> str:
    """Write each distinct edge once, and nodes without edges alone on a line."""
    labels = dict(graph.nodes.select("node_id", "label").iter_rows())
    ends = graph.edges.select("source", "interaction", "target").iter_rows()
    lines = {f"{labels[source]}\t{interaction}\t{labels[target]}" for source, interaction, target in ends}
    connected_ids = {*graph.edges["source"], *graph.edges["target"]}
    unconnected_labels = {label for node, label in labels.items() if node not in connected_ids}
    return "".join(f"{line}\n" for line in sorted(lines | unconnected_labels))
