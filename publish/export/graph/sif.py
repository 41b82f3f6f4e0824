"""SIF: source, interaction, target, parted by tabs, as Cytoscape reads it; names that people know."""

from __future__ import annotations

from .mechanism_graph import Network


def render(network: Network) -> str:
    """Write each distinct edge once, and nodes without edges alone on a line."""
    labels = dict(network.nodes.select("node_id", "label").iter_rows())
    ends = network.edges.select("source", "interaction", "target").iter_rows()
    lines = {f"{labels[source]}\t{interaction}\t{labels[target]}" for source, interaction, target in ends}
    touched = {*network.edges["source"], *network.edges["target"]}
    alone = {label for node, label in labels.items() if node not in touched}
    return "".join(f"{line}\n" for line in sorted(lines | alone))
