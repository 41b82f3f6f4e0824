"""The pages that browse a table: plain rows in HTML, and the same rows as data for the table component."""

from __future__ import annotations

from math import ceil
from typing import Any

from luminaldb.loaders.catalogue import codebook

from .evidence import Evidence, EvidenceTable, Row
from .key_names import ROW_KEYS, cell_address, column_names, key_name, page_of_row
from .packed_columns import pack_column, pack_rows
from .page_kinds import KIND_BY_TABLE, OWNER_COLUMNS
from .site import Site

ROWS_PER_PAGE = 80
_NUMERIC = ("integer", "number", "year")


def write_table_pages(site: Site) -> None:
    """Write the page of each table, the list of tables and the codebook."""
    packages: dict[str, list[dict[str, Any]]] = {}
    codebooks = []
    for table in site.evidence.tables.values():
        write_table_page(site, table)
        resource = table.export_table.resource
        title_and_description = {"name": table.name, "title": resource.title, "description": resource.description}
        packages.setdefault(table.export_table.package_name, []).append(
            {**title_and_description, "rows": len(table.rows)}
        )
        codebooks.append({**title_and_description, "columns": codebook(table.export_table.resource).to_dicts()})
    site.write_page("browse/index.html", "tables", "Tables", packages=list(packages.items()))
    site.write_page("codebook.html", "codebook", "Codebook", tables=codebooks)


def write_table_page(site: Site, table: EvidenceTable) -> None:
    """Write one table: its data, and as many plain pages as its rows fill."""
    site.write_script(f"data/{table.name}.js", ("tables", table.name), table_data(site.evidence, table))
    resource = table.export_table.resource
    linked_keys: dict[tuple[str, str], tuple[str, str]] = {}
    pages = max(1, ceil(len(table.rows) / ROWS_PER_PAGE))
    for number in range(1, pages + 1):
        start = (number - 1) * ROWS_PER_PAGE
        rows = table.rows[start : start + ROWS_PER_PAGE]
        site.write_page(
            f"browse/{table.name}{'' if number == 1 else f'-{number}'}.html",
            "browse",
            resource.title + (f", page {number}" if number > 1 else ""),
            heading=resource.title,
            about=resource.description,
            table=table,
            total=len(table.rows),
            columns=[f.name for f in table.fields],
            linked=[_link_cells(site.evidence, table, row, linked_keys) for row in rows],
            pages=pages,
            number=number,
            first=start + 1,
            last=start + len(rows),
        )


def _link_cells(
    evidence: Evidence, table: EvidenceTable, row: Row, linked_keys: dict[tuple[str, str], tuple[str, str]]
) -> list[tuple[str, str, str]]:
    """Return each cell with the address of what it names, and the name of what it is a key of.

    Args:
        evidence: the tables.
        table: the one of the row.
        row: whose cells to give.
        linked_keys: address and name of each key of the rows before.
    """
    cells = []
    for column, value in row.items():
        if column not in table.references:
            cells.append((value, cell_address(evidence, table, row, column) if value else "", ""))
            continue
        if (column, value) not in linked_keys:
            address = cell_address(evidence, table, row, column)
            linked_keys[column, value] = address, key_name(evidence, table.references[column][0], value)
        cells.append((value, *linked_keys[column, value]))
    return cells


def table_data(evidence: Evidence, table: EvidenceTable) -> dict[str, Any]:
    """Return a table as the table component reads it: columns with what their cells link to, and rows of text."""
    packed = pack_rows([list(row.values()) for row in table.rows], len(table.fields))
    columns = []
    for n, field in enumerate(table.fields):
        column: dict[str, Any] = {"name": field.name, "description": field.description}
        if field.type in _NUMERIC:
            column["numeric"] = True
        target, key = table.references.get(field.name, ("", ""))
        if target in KIND_BY_TABLE or (n == 0 and table.name in KIND_BY_TABLE):
            column["page"] = KIND_BY_TABLE[target or table.name].folder
        elif n == 0 and table.name in OWNER_COLUMNS:
            owner = table.references[OWNER_COLUMNS[table.name]][0]
            column["home"] = {"column": OWNER_COLUMNS[table.name], "folder": KIND_BY_TABLE[owner].folder}
        elif target:
            column |= {"table": target, "key": key}
        if names := column_names(evidence, table, field.name, packed["columns"][n]["values"]):
            column["names"] = names
        pages = [page_of_row(evidence, row, field.name) for row in table.rows] if field.name in ROW_KEYS else []
        if any(pages):
            column["pages"] = pack_column(pages)
        columns.append(column)
    return {"table": table.name, "key": list(table.key), "columns": columns, "packed": packed}
