"""The ER-HER2 crosstalk as a graph of genes and their interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from luminaldb.loaders.database import Database
from luminaldb.loaders.frames import DataSource
from luminaldb.loaders.suggestions import allowed_values, refuse_unknown

from .optional_packages import require_package

if TYPE_CHECKING:
    import networkx as nx

Crosstalk = Literal["er_to_her2", "her2_to_er", "downstream", "other"]
# An arrow or a bar in a pathway diagram; binding or phosphorylation alone doesn't say which.
SIGNS = {
    "activates": "+", "upregulates": "+", "stabilises": "+",
    "inhibits": "-", "downregulates": "-", "degrades": "-",
}  # fmt: skip


def crosstalk_graph(
    *, crosstalk: Crosstalk | None = None, version: str | None = None, path: DataSource = None
) -> nx.MultiDiGraph:
    """Return the interactions between genes as a networkx graph.

    Args:
        crosstalk: er_to_her2, her2_to_er, downstream or other; all where it isn't given.
        version: a release in place of the installed tables, see `load`.
        path: a folder or zip in place of the installed tables, see `load`.

    Returns:
        A `networkx.MultiDiGraph`: nodes are gene ids with `symbol`, `name`, `therapies` (ids of the therapies that
        target the gene); edges, keyed by interaction id, hold `interaction_type`, `sign` (`+`, `-`, or empty where the
        type says neither), `crosstalk`, `mechanism_id`, `description`, `citation_id`, `locator`, `source_level`.

    Raises:
        LuminaldbError: there is no such crosstalk.
        MissingExtraError: networkx isn't installed.
    """
    require_package("networkx")
    import networkx as nx

    database = Database.find(path, version=version)
    rows = database.frame("interactions")
    if crosstalk is not None:
        refuse_unknown(
            "crosstalk", crosstalk, allowed_values("interactions", "crosstalk", database), table="interactions"
        )
        rows = rows.filter(pl.col("crosstalk") == crosstalk)
    graph = nx.MultiDiGraph(name="luminaldb interactions")
    ids = pl.concat([rows["source_gene_id"], rows["target_gene_id"]]).unique().sort()
    therapies_of_genes = database.frame("therapy_targets").group_by("gene_id").agg(pl.col("therapy_id").unique().sort())
    genes = (
        database.frame("genes")
        .join(therapies_of_genes, on="gene_id", how="left")
        .filter(pl.col("gene_id").is_in(ids.implode()))
    )
    for gene in genes.sort("gene_id").iter_rows(named=True):
        therapies = "; ".join(gene["therapy_id"] or [])
        graph.add_node(gene["gene_id"], symbol=gene["symbol"], name=gene["name"] or "", therapies=therapies)
    for row in rows.iter_rows(named=True):
        attributes = {
            k: v or "" for k, v in row.items() if k not in ("interaction_id", "source_gene_id", "target_gene_id")
        }
        attributes["sign"] = SIGNS.get(row["interaction_type"], "")
        graph.add_edge(row["source_gene_id"], row["target_gene_id"], key=row["interaction_id"], **attributes)
    return graph
