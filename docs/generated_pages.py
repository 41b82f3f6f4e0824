"""Write the pages that are made from the descriptors, the rules and the commands, before Sphinx reads its sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = Path(__file__).parent / "reference" / "generated"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the writer with Sphinx."""
    app.connect("config-inited", lambda *_: write_pages(FOLDER))
    return {"parallel_read_safe": True}


def write_pages(folder: Path) -> None:
    """Write a page per table, a page per rule and the reference of the commands.

    Args:
        folder: where they go; what it held is replaced.
    """
    pages = {"commands": _commands(), **dict(_tables()), **dict(_rules())}
    for old in folder.rglob("*.md"):
        if str(old.relative_to(folder).with_suffix("")) not in pages:
            old.unlink()
    for name, text in pages.items():
        file = folder / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def _commands() -> str:
    import typer
    from typer.cli import get_docs_for_click

    from luminaldb.cli.main import app

    command = typer.main.get_command(app)
    with typer.Context(command, info_name="luminaldb") as context:
        text = get_docs_for_click(obj=command, ctx=context, name="luminaldb", title="Commands")
    return str(text)


def _tables() -> Iterator[tuple[str, str]]:
    from luminaldb import Database

    database = Database.installed()
    names = []
    for package, opened in database.packages.items():
        for resource in opened.descriptor.resources:
            names.append(resource.name)
            yield f"tables/{resource.name}", _table(package, resource, database)
    yield "tables", _index("Tables", "One page per table, from its descriptor.", "tables", names)


def _table(package: str, resource: Any, database: Any) -> str:
    schema = resource.schema
    lines = [f"# {resource.title or resource.name}", "", resource.description, ""]
    lines += [f'Table `{resource.name}` of the package `{package}`: `luminaldb.load("{resource.name}")`.', ""]
    lines += [f"Primary key: {', '.join(f'`{c}`' for c in schema.primary_key)}.", ""]
    keys = {k.columns[0]: k.reference for k in schema.all_references() if len(k.columns) == 1}
    for field in schema.fields:
        facts = [field.type]
        facts += [f"in {field.unit}"] if field.unit else []
        facts += ["required"] if field.constraints.get("required") or field.name in schema.primary_key else []
        lines += [f"`{field.name}` ({', '.join(facts)})", f": {field.description}"]
        if field.name in keys:
            target = keys[field.name].table or resource.name
            lines += [f"  A row of [{target}]({target}.md)."]
        if field.choices:
            lines += [f"  One of: {', '.join(f'`{c}`' for c in field.choices)}."]
        lines += [f"  Example: `{_written(field.example)}`; not `{field.bad_example}`.", ""]
    users = [
        f"[{name}]({name}.md)"
        for name, owner in database.packages_by_table.items()
        if any(k.reference.table == resource.name for k in owner.resource(name).schema.all_references())
    ]
    if users:
        lines += ["## Tables that refer to it", "", ", ".join(users) + ".", ""]
    return "\n".join(lines)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _rules() -> Iterator[tuple[str, str]]:
    from luminaldb.publish.reports.rule_pages import explain
    from luminaldb.schemas.rules import RULES

    for rule in RULES:
        facts = [f"{name.capitalize()}\n: {text}\n" for name, text in explain(rule)]
        yield f"rules/{rule.code}", "\n".join([f"# {rule.code}: {rule.title}", "", *facts])
    yield "rules", _index("Rules", "One page per consistency rule.", "rules", [rule.code for rule in RULES])


def _index(title: str, text: str, folder: str, names: list[str]) -> str:
    entries = "\n".join(f"{folder}/{name}" for name in names)
    return f"# {title}\n\n{text}\n\n```{{toctree}}\n:maxdepth: 1\n\n{entries}\n```\n"
