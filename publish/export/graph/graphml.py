"""GraphML: Cytoscape, Gephi, yEd and networkx read it, every attribute with its type."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping

import polars as pl

from ..dataset_metadata import DatasetMetadata
from .mechanism_graph import MechanismGraph

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_TYPES = {pl.Int64: "long", pl.Float64: "double", pl.Boolean: "boolean"}


def render(graph: MechanismGraph, dataset: DatasetMetadata) -> str:
    """Write the graph with version, date, licence and citation as its attributes."""
    root = ET.Element("graphml", xmlns=_NAMESPACE)
    attributes = {
        "name": f"{dataset.name} {dataset.version}: mechanism network",
        "version": dataset.version,
        "date": dataset.date,
        "license": dataset.data_licence.name,
        "citation": dataset.citation,
    }
    for name in attributes:
        ET.SubElement(root, "key", {"id": f"graph-{name}", "for": "graph", "attr.name": name, "attr.type": "string"})
    nodes, edges = graph.nodes.drop("node_id"), graph.edges.drop("edge_id", "source", "target")
    for kind, frame in (("node", nodes), ("edge", edges)):
        for name, dtype in frame.schema.items():
            key_attributes = {"id": f"{kind}-{name}", "for": kind, "attr.name": name}
            ET.SubElement(root, "key", {**key_attributes, "attr.type": _TYPES.get(type(dtype), "string")})
    element = ET.SubElement(root, "graph", id="mechanisms", edgedefault="directed")
    _data(element, "graph", attributes)
    for node_id, row in zip(graph.nodes["node_id"], nodes.iter_rows(named=True), strict=True):
        _data(ET.SubElement(element, "node", id=node_id), "node", row)
    ends = graph.edges.select("edge_id", "source", "target").iter_rows()
    for (edge_id, source, target), row in zip(ends, edges.iter_rows(named=True), strict=True):
        _data(ET.SubElement(element, "edge", id=edge_id, source=source, target=target), "edge", row)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _data(parent: ET.Element, kind: str, row: Mapping[str, object]) -> None:
    for name, value in row.items():
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            ET.SubElement(parent, "data", key=f"{kind}-{name}").text = text
