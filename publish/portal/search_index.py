"""What the search boxes look through: a document for each page of a thing, with every name it goes by."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from .evidence import Evidence, Row
from .page_kinds import BY_TABLE, KINDS, Kind, address, label
from .retired_pages import retired
from .site import Site

# What each kind goes by, besides its title.
_NAMES = {
    "therapies": ("therapy_id",),
    "therapy_classes": ("class_id",),
    "trials": ("trial_id", "registry_id", "other_registry_ids"),
    "mechanisms": ("mechanism_id",),
    "genes": ("gene_id", "ensembl_gene_id", "ncbi_gene_id", "uniprot_id"),
    "claims": ("claim_id",),
    "citations": ("citation_id", "pmid", "pmcid", "doi"),
}
# What papers call the receptors, whose genes have other symbols.
_RECEPTORS = {
    "EGFR": ("HER1",),
    "ERBB2": ("HER2", "HER2/neu"),
    "ERBB3": ("HER3",),
    "ERBB4": ("HER4",),
    "ESR1": ("ER", "estrogen receptor"),
    "PGR": ("PR", "progesterone receptor"),
}
# The number of a registration, by which it is found without its letters.
_REGISTERED = re.compile(r"\bNCT(\d{8})\b")
_LONGEST_NAME = 20
# What stands beside a hit.
_BESIDE = {"trials": "title", "genes": "name", "mechanisms": "summary", "citations": "title"}


def write_search(site: Site) -> None:
    """Write the search page and its data."""
    data = {"kinds": [k.name for k in KINDS], "documents": documents(site.evidence)}
    site.script("data/search.js", ("search",), data)
    lists = [(kind.plural, f"{kind.folder}/index.html") for kind in KINDS]
    site.write("search.html", "search", "Search", lists=lists)


def documents(evidence: Evidence) -> list[list[object]]:
    """Give each document: its kind, title, names and ids, authors, place, what stands beside it."""
    names = _therapy_names(evidence)
    result: list[list[object]] = []
    for number, kind in enumerate(KINDS):
        for row in evidence[kind.table].rows:
            key = row[kind.key]
            title = label(evidence, kind, key)
            called = [row[c] for c in _NAMES[kind.table] if row[c]] + names.get(key, [])
            called += _RECEPTORS.get(title, ()) if kind.table == "genes" else ()
            called += [number for name in called for number in _REGISTERED.findall(name)]
            called += [squeezed for text in (title, *called) if (squeezed := _squeezed(text))]
            beside = row[_BESIDE[kind.table]] if kind.table in _BESIDE else _beside(evidence, kind, row)
            more = row["authors"] if kind.table == "citations" else row.get("mechanism_of_action", "")
            result.append([number, title, "\n".join(called), more, address(kind, key), beside])
    return result + list(_retired(evidence))


def _retired(evidence: Evidence) -> Iterator[list[object]]:
    for gone in retired(evidence):
        said = f"retired; see {gone.successor}" if gone.leads_to else "retired"
        yield [KINDS.index(gone.kind), gone.key, "", "", gone.place, said]


def _therapy_names(evidence: Evidence) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    for row in evidence["therapy_names"].rows:
        names[row["therapy_id"]].append(row["name"])
    for row in evidence["therapy_identifiers"].rows:
        names[row["therapy_id"]].append(row["identifier"])
    return names


def _squeezed(text: str) -> str:
    """Join a short name that blanks or hyphens divide, so that TDM1 finds T-DM1."""
    joined = re.sub(r"[\s\-_.,()/®™]", "", text)
    return joined if joined != text and len(text) <= _LONGEST_NAME else ""


def _beside(evidence: Evidence, kind: Kind, row: Row) -> str:
    if kind.table == "therapies":
        return label(evidence, BY_TABLE["therapy_classes"], row["class_id"])
    return ""
