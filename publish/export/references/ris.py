"""RIS: for EndNote, Zotero, Mendeley and the like; UTF-8, CR LF as the format requires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .csl import Item, Name, year

_TYPES = {
    "article-journal": "JOUR",
    "paper-conference": "CPAPER",
    "webpage": "ELEC",
    "dataset": "DATA",
}
_TAGS = {
    "title": "TI",
    "container-title": "T2",
    "volume": "VL",
    "issue": "IS",
    "page": "SP",
    "version": "ET",
    "DOI": "DO",
    "PMID": "AN",
    "PMCID": "C2",
    "URL": "UR",
    "language": "LA",
    "keyword": "KW",
    "note": "N1",
}


def render(items: Sequence[Item]) -> str:
    """Write items as RIS records; ID is the id of the table, AN the PMID, C2 the PMCID."""
    return "".join(f"{line}\r\n" for item in items for line in _record(item))


def _record(item: Item) -> Iterator[str]:
    yield _line("TY", _TYPES.get(item["type"], "GEN"))
    yield _line("ID", item["id"])
    for author in item.get("author", []):
        yield _line("AU", _author(author))
    if year(item):
        yield _line("PY", year(item))
    for key, tag in _TAGS.items():
        if key == "page" and key in item:
            first, dash, last = item[key].partition("-")
            # Only a plain range has a first and a last page.
            is_single = not (first.isdigit() and last.isdigit())
            yield _line("SP", item[key] if is_single else first)
            if dash and not is_single:
                yield _line("EP", last)
        elif key in item:
            # A semicolon parts two addresses.
            yield _line(tag, item[key].replace(";", "%3B") if tag == "UR" else item[key])
    yield _line("ER", "")
    yield ""


def _line(tag: str, value: str) -> str:
    return f"{tag}  - {' '.join(value.split())}"


def _author(name: Name) -> str:
    if "literal" in name:
        # RIS splits names at commas; a group's name has none to split at.
        return name["literal"].replace(",", "")
    return ", ".join(name[key] for key in ("family", "given", "suffix") if key in name)
