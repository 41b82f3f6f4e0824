"""`luminaldb rule CODE`: explain a rule."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    code: Annotated[str | None, typer.Argument(help="Code of the rule, for instance LDB101; all if omitted.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/rules.md.")] = False,
) -> None:
    """Explain a rule: what it checks, why, its formula, a row that passes and one that fails."""
    from luminaldb.publish.reports import rule_pages
    from luminaldb.schemas.rules import RULES

    from .output import print_json

    if markdown:
        typer.echo(rule_pages.markdown(), nl=False)
        return
    rules = [rule_pages.find_rule(code)] if code else RULES
    if as_json:
        print_json([{"code": r.code, "title": r.title, **dict(rule_pages.explain(r))} for r in rules])
    elif code:
        typer.echo(f"{rules[0].code}: {rules[0].title}\n")
        for name, text in rule_pages.explain(rules[0]):
            typer.echo(f"{name:9} {text}")
    else:
        for rule in rules:
            typer.echo(f"{rule.code}\t{rule.severity}\t{rule.title}")
