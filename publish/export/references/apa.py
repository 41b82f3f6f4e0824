"""Plain text in the manner of APA's seventh edition, one reference a line."""

from __future__ import annotations

from collections.abc import Sequence

from .csl import ET_AL, Item, Name, year

# APA names twenty authors; of more, the first nineteen and the last.
_MAX_AUTHORS = 20


def render(items: Sequence[Item]) -> str:
    """Write items as references."""
    return "".join(f"{reference(item)}\n" for item in items)


def reference(item: Item) -> str:
    """Write one reference: authors, year, title, container, DOI or address."""
    title = item["title"].rstrip(".")
    authors = _authors(item.get("author", []))
    year_text = f"({year(item) or 'n.d.'})."
    if "version" in item:
        title += f" (Version {item['version']}) [Data set]"
    # A work without an author is known by its title.
    parts = [f"{authors.rstrip('.')}.", year_text, f"{title}."] if authors else [f"{title}.", year_text]
    if container := _container(item):
        parts.append(f"{container}.")
    if "DOI" in item:
        parts.append(f"https://doi.org/{item['DOI']}")
    elif "URL" in item:
        parts.append(item["URL"])
    elif "PMID" in item:
        parts.append(f"https://pubmed.ncbi.nlm.nih.gov/{item['PMID']}/")
    return " ".join(parts)


def _authors(names: Sequence[Name]) -> str:
    names_in_list = [_name(n) for n in names if n != {"literal": ET_AL}]
    if len(names_in_list) > _MAX_AUTHORS:
        return f"{', '.join(names_in_list[: _MAX_AUTHORS - 1])}, … {names_in_list[-1]}"
    if len(names_in_list) < len(names):
        return f"{', '.join(names_in_list)}, et al."
    if len(names_in_list) > 1:
        return f"{', '.join(names_in_list[:-1])}, & {names_in_list[-1]}"
    return "".join(names_in_list)


def _name(name: Name) -> str:
    return name.get("literal") or ", ".join(name[key] for key in ("family", "given", "suffix") if key in name)


def _container(item: Item) -> str:
    if "container-title" not in item:
        return ""
    issue = f"({item['issue']})" if "issue" in item else ""
    numbers = [item["volume"] + issue] if "volume" in item else [issue] if issue else []
    pages = [item["page"].replace("-", "\N{EN DASH}")] if "page" in item else []
    return ", ".join([item["container-title"], *numbers, *pages])
