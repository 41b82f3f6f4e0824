"""BibTeX: UTF-8, titles kept in their letters' case, names and text escaped for LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .csl import ET_AL, Item, Name, year

_TYPES = {
    "article-journal": "article",
    "paper-conference": "inproceedings",
    "document": "manual",
}
_FIELDS = {
    "volume": "volume",
    "issue": "number",
    "page": "pages",
    "version": "version",
    "language": "language",
    "keyword": "keywords",
    "note": "note",
}
# Every style reads them unescaped; an escaped underscore would be a part of the address.
_VERBATIM = {"DOI": "doi", "URL": "url", "PMID": "pmid", "PMCID": "pmcid"}
_LIGATURE = re.compile(r"([-'`])(?=\1)")
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "{}$%&#_"},
    }
)


def render(items: Sequence[Item]) -> str:
    """Write items as BibTeX entries, their keys the ids of the table."""
    return "\n".join(_entry(item) for item in items)


def _entry(item: Item) -> str:
    kind = _TYPES.get(item["type"], "misc")
    fields = {"author": " and ".join(map(_author, item.get("author", [])))}
    fields["title"] = "{" + escape(item["title"]) + "}"
    if "container-title" in item:
        container_field = {"article": "journal", "inproceedings": "booktitle"}.get(kind, "howpublished")
        fields[container_field] = escape(item["container-title"])
    fields["year"] = year(item)
    fields |= {field: escape(item[key]) for key, field in _FIELDS.items() if key in item}
    fields |= {field: item[key] for key, field in _VERBATIM.items() if key in item}
    lines = "".join(f"  {field} = {{{value}}},\n" for field, value in fields.items() if value)
    return f"@{kind}{{{item['id']},\n{lines}}}\n"


def escape(text: str) -> str:
    """Escape what LaTeX would take for a command, and part what it would draw together into a dash or a quote."""
    return _LIGATURE.sub(r"\1{}", text.translate(_ESCAPES))


def _author(name: Name) -> str:
    if "literal" in name:
        return "others" if name["literal"] == ET_AL else "{" + escape(name["literal"]) + "}"
    name_parts = [name["family"], *([name["suffix"]] if "suffix" in name else []), name["given"]]
    return ", ".join(map(escape, name_parts))
