"""The mechanism graph: genes, mechanisms, therapies and their classes, each edge a row of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from ..content import ExportContent


@dataclass(frozen=True)
class MechanismGraph:
    """A directed graph.

    Attributes:
        nodes: one row per node: node_id, kind (gene, mechanism, therapy, class), name, label (the name, unique), and
            what is known of it.
        edges: one row per row of interactions, mechanism_genes, mechanism_evidence and therapy_targets: edge_id,
            table, source, target (node_ids), interaction, and the row's other columns.
    """

    nodes: pl.DataFrame
    edges: pl.DataFrame


def mechanism_graph(content: ExportContent) -> MechanismGraph:
    """Make the graph from the tables: nodes that an edge touches and all mechanisms, sorted by id."""
    frames = {table.name: table.frame.with_columns(pl.col(pl.Enum).cast(pl.String)) for table in content.tables}
    edges = pl.concat([_interactions(frames), _genes(frames), _evidence(frames), _targets(frames)], how="diagonal")
    connected_ids = pl.concat([edges["source"], edges["target"]]).unique(maintain_order=True)
    nodes = _nodes(frames).filter(pl.col("node_id").is_in(connected_ids.implode()) | (pl.col("kind") == "mechanism"))
    ambiguous_names = {name for name, times in Counter(nodes["name"]).items() if times > 1}
    is_ambiguous = pl.col("name").is_in(sorted(ambiguous_names))
    label = pl.when(is_ambiguous).then(pl.format("{} ({})", "name", "kind")).otherwise("name")
    return MechanismGraph(nodes.with_columns(label.alias("label")).sort("node_id"), edges.sort("table", "edge_id"))


def _node(kind: str, column: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), column)


def _edges(
    table: str, frame: pl.DataFrame, source: pl.Expr, target: pl.Expr, key: list[str], interaction_column: str
) -> pl.DataFrame:
    return frame.select(
        pl.concat_str(pl.lit(table), *key, separator="|").alias("edge_id"),
        pl.lit(table).alias("table"),
        source.alias("source"),
        target.alias("target"),
        pl.col(interaction_column).alias("interaction"),
        pl.exclude("source_gene_id", "target_gene_id", "interaction_id", "evidence_id", interaction_column),
    )


def _interactions(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    ends = (pl.col("source_gene_id"), pl.col("target_gene_id"))
    return _edges("interactions", frames["interactions"], *ends, ["interaction_id"], "interaction_type")


def _genes(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    ends = (pl.col("gene_id"), _node("mechanism", "mechanism_id"))
    key = ["mechanism_id", "gene_id", "alteration"]
    return _edges("mechanism_genes", frames["mechanism_genes"], *ends, key, "alteration")


def _evidence(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    therapy_or_class = pl.coalesce(_node("therapy", "therapy_id"), _node("class", "class_id"))
    ends = (_node("mechanism", "mechanism_id"), therapy_or_class)
    return _edges("mechanism_evidence", frames["mechanism_evidence"], *ends, ["evidence_id"], "significance")


def _targets(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    ends = (_node("therapy", "therapy_id"), pl.col("gene_id"))
    key = ["therapy_id", "gene_id", "action"]
    return _edges("therapy_targets", frames["therapy_targets"], *ends, key, "action")


def _nodes(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    genes = frames["genes"].select(
        pl.col("gene_id").alias("node_id"), pl.lit("gene").alias("kind"), pl.col("symbol").alias("name"),
        pl.col("name").alias("full_name"), "ensembl_gene_id", "ncbi_gene_id", "uniprot_id",
    )  # fmt: skip
    columns = {
        "mechanism": ("mechanisms", "mechanism_id", ("category", "onset", "summary")),
        "therapy": ("therapies", "therapy_id", ("class_id", "modality", "development_status")),
        "class": ("therapy_classes", "class_id", ("parent_class_id", "definition")),
    }
    others = [
        frames[table].select(_node(kind, key).alias("node_id"), pl.lit(kind).alias("kind"), "name", *more)
        for kind, (table, key, more) in columns.items()
    ]
    return pl.concat([genes, *others], how="diagonal")
