"""The biomarkers that define populations, claims and approvals, and the words for each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_NEGATION = re.compile(r"\b(no|not|without|wild|negative|normal|unknown|non-activated|absent)\b")


@dataclass(frozen=True, slots=True)
class Biomarker:
    """A biomarker.

    Attributes:
        key: its id in addresses.
        name: what text calls it.
        genes: symbols of the genes it is about.
        pattern: what the words of a population with it match.
        names: other words for it.
    """

    key: str
    name: str
    genes: tuple[str, ...]
    pattern: str
    names: tuple[str, ...] = ()

    def describes(self, text: str) -> bool:
        """Return whether a text is about patients, tumors or tests with the biomarker."""
        return re.search(self.pattern, text, re.IGNORECASE) is not None


BIOMARKERS = (
    Biomarker("esr1-mutated", "ESR1 mutated", ("ESR1",), r"\bESR1\b(?!.{0,14}(not detected|wild))",
              ("ESR1 mutation", "ESR1m", "ESR1-mutant", "mutated ESR1", "ESR1 mutations", "ESR1 Y537S", "ESR1 D538G")),
    Biomarker("pik3ca-mutated", "PIK3CA mutated", ("PIK3CA",), r"\bPIK3CA\b.{0,12}(mutat|alter|positive)",
              ("PIK3CA mutation", "PIK3CA-mutant", "PIK3CAm")),
    Biomarker("pi3k-pathway-altered", "PIK3CA, AKT1 or PTEN altered", ("PIK3CA", "AKT1", "PTEN"),
              r"AKT1|PTEN loss|PI3K pathway (activated|altered)|AKT.pathway|hyperactive PI3K",
              ("PI3K pathway altered", "AKT pathway altered", "AKT pathway alteration", "PTEN loss", "AKT1 mutation")),
    Biomarker("brca-mutated", "BRCA1 or BRCA2 mutated (germline)", ("BRCA1", "BRCA2"), r"\bg?BRCA",
              ("germline BRCA", "gBRCA", "BRCA mutation", "BRCA1", "BRCA2", "BRCA", "germline")),
    Biomarker("her2-low", "HER2-low or ultralow", ("ERBB2",), r"HER2[- ](ultra)?low|IHC 1\+|IHC 0 with|IHC 2\+/ISH-",
              ("HER2 low", "HER2-low", "HER2 ultralow", "HER2 1+", "HER2 IHC 1+")),
    Biomarker("her2-mutated", "HER2 mutated", ("ERBB2",), r"(HER2|ERBB2)[- ]mutat",
              ("HER2 mutation", "ERBB2 mutation", "HER2-mutant")),
    Biomarker("ki-67", "Ki-67", ("MKI67",), r"\bKi-?67\b", ("Ki67", "MKI67", "proliferation index")),
    Biomarker("pd-l1", "PD-L1", ("CD274",), r"\bPD-?L1\b", ("PDL1", "CD274")),
    Biomarker("intrinsic-subtype", "Intrinsic subtype (PAM50)", (),
              r"\bPAM50\b|intrinsic subtype|luminal [AB]\b|HER2-enriched",
              ("PAM50", "luminal A", "luminal B", "HER2-enriched", "intrinsic subtype")),
    Biomarker("recurrence-score", "Gene expression scores", (),
              r"recurrence score|70-gene|Oncotype|MammaPrint|Prosigna|gene (profile|expression) (test|score)",
              ("recurrence score", "Oncotype DX", "MammaPrint", "70-gene signature", "Prosigna", "multigene test")),
    Biomarker("fgfr-altered", "FGF pathway amplified", ("FGFR1",), r"\bFGF(R\d?)?\b", ("FGFR1 amplification", "FGFR")),
    Biomarker("rb1-loss", "RB1 loss", ("RB1",), r"\bRB1\b", ("RB1 loss", "RB loss", "RB1 mutation")),
    Biomarker("nf1-loss", "NF1 loss", ("NF1",), r"\bNF1\b", ("NF1 loss", "NF1 mutation", "neurofibromin")),
    Biomarker("brain-metastases", "Brain metastases", (), r"brain metasta|\bCNS\b|intracranial",
              ("brain metastases", "brain mets", "CNS metastases", "central nervous system", "intracranial")),
    Biomarker("node-positive", "Node-positive", (), r"node-positive|positive nodes|\bN\+",
              ("node positive", "N+", "lymph node positive")),
    Biomarker("node-negative", "Node-negative", (), r"node-negative|\bN0\b",
              ("node negative", "N0", "lymph node negative")),
)  # fmt: skip
BIOMARKERS_BY_KEY = {b.key: b for b in BIOMARKERS}


_HER2_LOW = ("low", "low_or_ultralow", "ultralow")


def population_biomarkers(name: str, biomarker: str, her2_status: str = "") -> list[str]:
    """Return the biomarkers that the patients of a population have; those without it are left out.

    Args:
        name: the population's name.
        biomarker: its column of that name.
        her2_status: its column of that name, which tells of HER2-low disease where the name doesn't.
    """
    her2_low = "HER2-low; " if her2_status in _HER2_LOW else ""
    return list(_find_biomarkers(f"{her2_low}{biomarker}; {name}"))


@cache
def _find_biomarkers(text: str) -> tuple[str, ...]:
    return tuple(b.key for b in BIOMARKERS if b.describes(text) and not _is_negated(b, text))


def _is_negated(biomarker: Biomarker, text: str) -> bool:
    """Return whether the words around a biomarker deny it."""
    if biomarker.key in ("her2-low", "node-negative"):
        return False
    match = re.search(biomarker.pattern, text, re.IGNORECASE)
    assert match is not None  # noqa: S101 - the caller saw it match
    context = text[max(0, match.start() - 14) : match.end() + 16].lower()
    return _NEGATION.search(context) is not None


def text_biomarkers(text: str) -> list[str]:
    """Return the biomarkers that a text names."""
    return [b.key for b in BIOMARKERS if b.describes(text)]
