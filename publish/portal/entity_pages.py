"""Write the page of every therapy, class, trial, mechanism, gene, claim and citation, and the list of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..labels import code_in_words
from .cells import Page
from .evidence import Evidence, Row
from .page_kinds import KIND_BY_TABLE, KINDS, PageKind, label, page_address, trial_rows_address
from .pages.biology import gene_page, mechanism_page
from .pages.literature import citation_page, claim_page
from .pages.therapy import class_page, therapy_page
from .pages.trial import make_rows_section, trial_page
from .retired_pages import find_retired_addresses
from .site import Site
from .summary_parts import Link

Group = tuple[str, list[tuple[str, str, str]]]
_MAX_ENTRIES_PER_PAGE = 480
# Lists are grouped by this column of their table.
_GROUPS = {
    "therapies": "class_id",
    "trials": "setting",
    "mechanisms": "category",
    "claims": "claim_type",
    "citations": "year",
}


def write_entity_pages(site: Site, progress: Callable[[str], None]) -> int:
    """Write every entity page and list; return the number of entity pages."""
    count = 0
    for page, kind in entity_pages(site.evidence, progress):
        site.write_page(
            page.address,
            "entity",
            page.title,
            page=page,
            folder=kind.folder,
            kinds=kind.plural,
            cite=cite_page(site.evidence, page),
        )
        count += 1
        if kind.table == "trials":
            _write_rows_pages(site, page)
    for kind in KINDS:
        _write_list(site, kind)
    return count


def _write_rows_pages(site: Site, page: Page) -> None:
    """Write a page per table of which a trial has too many rows for its own page."""
    for table in sorted(site.evidence.separate_pages.get(page.key, ())):
        section = make_rows_section(site.evidence, page.key, table)
        site.write_page(
            trial_rows_address(site.evidence, table, page.key), "trial_rows", f"{page.title}: {section.title.lower()}",
            section=section, trial=Link(page.title, page.address),
        )  # fmt: skip


def entity_pages(
    evidence: Evidence, progress: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[Page, PageKind]]:
    """Yield the page of each entity with its kind."""
    latest = evidence.latest
    retired = list(find_retired_addresses(evidence))
    page_functions: dict[str, Callable[[Row], Page]] = {
        "therapies": lambda row: therapy_page(evidence, row, latest),
        "therapy_classes": lambda row: class_page(evidence, row, latest),
        "trials": lambda row: trial_page(evidence, row, retired),
        "mechanisms": lambda row: mechanism_page(evidence, row),
        "genes": lambda row: gene_page(evidence, row),
        "claims": lambda row: claim_page(evidence, row),
        "citations": lambda row: citation_page(evidence, row),
    }
    for kind in KINDS:
        progress(kind.plural)
        for row in evidence[kind.table].rows:
            yield page_functions[kind.table](row), kind


def cite_page(evidence: Evidence, page: Page) -> str:
    """Return the citation of one page of the dataset."""
    content = evidence.content
    return f"{content.citation} Entry {page.address.removesuffix('.html')}."


def _write_list(site: Site, kind: PageKind) -> None:
    evidence = site.evidence
    column = _GROUPS.get(kind.table, "")
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for row in evidence[kind.table].rows:
        name = _group_name(evidence, column, row)
        key = row[kind.key]
        groups.setdefault(name, []).append(
            (label(evidence, kind, key), page_address(kind, key), _entry_detail(kind, row))
        )
    for lines in groups.values():
        lines.sort(key=lambda line: line[0].casefold())
    order = sorted(groups.items(), reverse=kind.table == "citations")
    pages = _split_into_pages(order)
    for number, groups_of_page in enumerate(pages, 1):
        site.write_page(
            f"{kind.folder}/index{'' if number == 1 else f'-{number}'}.html",
            "list",
            kind.plural.capitalize() + (f", page {number}" if number > 1 else ""),
            table=kind.table,
            total=len(evidence[kind.table].rows),
            groups=groups_of_page,
            pages=len(pages),
            number=number,
        )


def _split_into_pages(groups: Sequence[Group]) -> list[list[Group]]:
    """Split a list into pages of whole groups; a group of more than the maximum of entries has its own page."""
    pages: list[list[Group]] = [[]]
    for group in groups:
        if pages[-1] and sum(len(lines) for _, lines in pages[-1]) + len(group[1]) > _MAX_ENTRIES_PER_PAGE:
            pages.append([])
        pages[-1].append(group)
    return pages


def _group_name(evidence: Evidence, column: str, row: Row) -> str:
    if not column:
        return "All"
    if column == "class_id":
        return label(evidence, KIND_BY_TABLE["therapy_classes"], row[column])
    name = code_in_words(row[column])
    return name[:1].upper() + name[1:] or "Not stated"


def _entry_detail(kind: PageKind, row: Row) -> str:
    match kind.table:
        case "trials" | "citations":
            return row["title"]
        case "genes":
            return row["name"]
    return ""
