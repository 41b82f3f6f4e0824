"""The crosstalk map in layers: receptors above, signalling below them, the cell cycle and the nucleus at the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Ligands and receptors", (
        "EGF", "NRG1", "IGF1", "EGFR", "ERBB2", "ERBB3", "ERBB4", "IGF1R", "INSR", "FGFR1", "FGFR2", "FGFR4", "MET",
        "AXL", "RET", "PRLR", "GPER1", "MUC4", "MUC1", "CXCR4", "ITGB1", "NOTCH1", "NOTCH3", "NOTCH4",
        "PDGFRA", "KDR", "CD44",
        "TGFBR2", "TNFRSF1A", "TLR4", "CD274", "FZD7", "EPHA2", "GHR", "EGFR3", "GDNF", "FGF2", "FGF3", "FGF4", "HGF",
        "IL6", "CCL2", "TGFB1", "WNT5A", "VEGFA", "AREG", "TGFA", "HBEGF", "INS", "PRL",
    )),
    ("PI3K, AKT and mTOR", (
        "PIK3CA", "PIK3CB", "PIK3R1", "PTEN", "INPP4B", "AKT1", "AKT2", "AKT3", "PDPK1", "MTOR", "RPTOR", "RICTOR",
        "RPS6KB1", "RPS6KB2", "TSC1", "TSC2", "EIF4EBP1", "GSK3B", "SGK1", "SGK3", "PIM1", "PPP2R2B", "PPP2CA", "IRS1",
        "IRS2", "GRB7", "LMTK3",
    )),
    ("RAS, MAPK and SRC", (
        "SHC1", "GRB2", "SOS1", "NF1", "KRAS", "HRAS", "NRAS", "RAF1", "BRAF", "MAP2K1", "MAP2K2", "MAPK1", "MAPK3",
        "MAPK14", "MAPK8", "RPS6KA1", "RPS6KA3", "RPS6KA5", "SRC", "YES1", "FYN", "PTK2", "PTK6", "BCAR1",
        "BCAR3", "PAK1",
        "PRKACA", "PRKCA", "PRKCD", "CAV1", "PELP1", "RAC1", "RHOA", "CDC42", "DUSP4", "DUSP6", "PTPN11",
        "PTPN12", "ABL1",
        "LYN", "LATS1", "LATS2", "FAT1", "YAP1", "WWTR1", "STK11", "PRKAA1", "CAMK2A", "PTPN1", "MIR21",
    )),
    ("Cell cycle and survival", (
        "CCND1", "CCND3", "CDK4", "CDK6", "CDK2", "CCNE1", "CCNE2", "CDKN1A", "CDKN1B", "CDKN2A", "RB1", "E2F1", "CDK7",
        "TP53", "MDM2", "AURKA", "AURKB", "PLK1", "BCL2", "BCL2L11", "BCL2L1", "MCL1", "BAX", "BAD", "CASP3", "BIRC5",
        "SKP2", "FBXW7", "CCNH", "CDC25A", "WEE1", "TOP2A", "BRCA1", "BRCA2", "CHEK1", "STMN1",
    )),
    ("Nucleus: ER, cofactors, transcription", ()),
)  # fmt: skip
WIDTH, ROW, GAP = 1180.0, 56.0, 56.0
_PER_ROW = 12
# The gene of most interactions is in the middle of its layer.
_HUBS = ("ERBB2", "ESR1")
_LEFT = 44.0


def layer_of(symbol: str) -> int:
    """Return the number of the layer that a gene is drawn in; what is in no other is in the nucleus."""
    return next((n for n, (_, symbols) in enumerate(LAYERS) if symbol in symbols), len(LAYERS) - 1)


def lay_out_genes(
    symbols: Mapping[str, str], neighbours: Mapping[str, Iterable[str]]
) -> tuple[dict[str, tuple[float, float]], list[tuple[str, float, float]], float]:
    """Lay genes out in layers; within a layer, next to what they interact with in the layer above.

    Args:
        symbols: gene to its symbol.
        neighbours: gene to the genes it interacts with.

    Returns:
        The position of each gene; each layer's name with its top and height; the height of the whole.
    """
    positions: dict[str, tuple[float, float]] = {}
    bands = []
    top = 10.0
    for number, (name, _) in enumerate(LAYERS):
        genes = [g for g in symbols if layer_of(symbols[g]) == number]
        if not genes:
            continue

        def pull(gene: str) -> tuple[float, str]:
            neighbour_positions = [positions[o][0] for o in neighbours.get(gene, ()) if o in positions]
            return (
                sum(neighbour_positions) / len(neighbour_positions) if neighbour_positions else WIDTH / 2,
                symbols[gene],
            )

        genes.sort(key=pull)
        for hub in [g for g in genes if symbols[g] in _HUBS]:
            genes.remove(hub)
            genes.insert((len(genes) + 1) // 2, hub)
        rows = -(-len(genes) // _PER_ROW)
        per_row = -(-len(genes) // rows)
        height = ROW * rows + 26
        for n, gene in enumerate(genes):
            row_number, column = n % rows, n // rows
            step = (WIDTH - 2 * _LEFT) / max(1, per_row - 1) if per_row > 1 else 0
            shift = step / 2 * (row_number % 2) if rows > 1 else 0
            x = min(WIDTH - _LEFT, _LEFT + step * column + shift) if per_row > 1 else WIDTH / 2
            positions[gene] = (round(x, 1), round(top + 40 + ROW * row_number, 1))
        bands.append((name, top, height))
        top += height + GAP
    return positions, bands, top - GAP + 10.0
