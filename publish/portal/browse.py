"""The pages that browse a table: plain rows in HTML, and the same rows as data for the table component."""

from __future__ import annotations

from math import ceil
from typing import Any

from luminaldb.loaders.catalogue import codebook

from .evidence import Evidence, EvidenceTable, Row
from .packed_columns import pack_rows
from .page_kinds import BY_TABLE, HOMES, address, home
from .site import Site

ROWS_PER_PAGE = 100
_NUMERIC = ("integer", "number", "year")


def write_tables(site: Site) -> None:
    """Write the page of each table, the list of tables and the codebook."""
    packages: dict[str, list[dict[str, Any]]] = {}
    books = []
    for table in site.evidence.tables.values():
        write_table(site, table)
        resource = table.export_table.resource
        about = {"name": table.name, "title": resource.title, "description": resource.description}
        packages.setdefault(table.export_table.package_name, []).append({**about, "rows": len(table.rows)})
        books.append({**about, "columns": codebook(table.export_table.resource).to_dicts()})
    site.write("browse/index.html", "tables", "Tables", packages=list(packages.items()))
    site.write("codebook.html", "codebook", "Codebook", tables=books)


def write_table(site: Site, table: EvidenceTable) -> None:
    """Write one table: its data, and as many plain pages as its rows fill."""
    site.script(f"data/{table.name}.js", ("tables", table.name), data_of(site.evidence, table))
    resource = table.export_table.resource
    pages = max(1, ceil(len(table.rows) / ROWS_PER_PAGE))
    for number in range(1, pages + 1):
        start = (number - 1) * ROWS_PER_PAGE
        rows = table.rows[start : start + ROWS_PER_PAGE]
        site.write(
            f"browse/{table.name}{'' if number == 1 else f'-{number}'}.html",
            "browse",
            resource.title + (f", page {number}" if number > 1 else ""),
            heading=resource.title,
            about=resource.description,
            table=table,
            total=len(table.rows),
            columns=[f.name for f in table.fields],
            linked=[_link_cells(site.evidence, table, row) for row in rows],
            pages=pages,
            number=number,
            first=start + 1,
            last=start + len(rows),
        )


def _link_cells(evidence: Evidence, table: EvidenceTable, row: Row) -> list[tuple[str, str]]:
    """Return each cell with the place of what it names."""
    cells = []
    for column, value in row.items():
        target = table.references.get(column, ("", ""))[0]
        place = ""
        if column == table.key[0]:
            place = home(evidence, table.name, row)
        elif target in BY_TABLE and value:
            place = address(BY_TABLE[target], value)
        cells.append((value, place))
    return cells


def data_of(evidence: Evidence, table: EvidenceTable) -> dict[str, Any]:
    """Return a table as the table component reads it: columns with what their cells link to, and rows of text."""
    columns = []
    for n, field in enumerate(table.fields):
        column: dict[str, Any] = {"name": field.name, "description": field.description}
        if field.type in _NUMERIC:
            column["numeric"] = True
        target, key = table.references.get(field.name, ("", ""))
        if target in BY_TABLE or (n == 0 and table.name in BY_TABLE):
            column["page"] = BY_TABLE[target or table.name].folder
        elif n == 0 and table.name in HOMES:
            owner = table.references[HOMES[table.name]][0]
            column["home"] = {"column": HOMES[table.name], "folder": BY_TABLE[owner].folder}
        elif target:
            column |= {"table": target, "key": key}
        columns.append(column)
    packed = pack_rows([list(row.values()) for row in table.rows], len(columns))
    return {"table": table.name, "key": list(table.key), "columns": columns, "packed": packed}
