"""JSON: the report, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring
from typing import Any

from luminaldb.issues import Issue, Report

# As `json.dumps` writes text where `ensure_ascii` is false: in C, and without the cost of a call to an encoder.
encode_text = encode_basestring


def pieces(report: Report) -> Iterator[str]:
    """Give what `Report.to_dict` holds, finding by finding."""
    yield from with_list(report.summary(), "findings", (_finding(f) for f in report.findings), "  ")
    yield "\n"


def _finding(finding: Issue) -> str:
    """Write a finding as `json.dumps` with an indent would; that is written in Python, and takes ten times as long."""
    members = [
        f'      "{name}": {encode_text(value) if type(value) is str else value}'
        for name, value in finding.to_dict().items()
    ]
    return "{\n" + ",\n".join(members) + "\n    }"


def with_list(members: dict[str, Any], name: str, items: Iterable[str], indent: str) -> Iterator[str]:
    """Write an object whose last member is a long list, as `json.dumps` with an indent of two would.

    Args:
        members: of the object, apart from the list.
        name: of the list.
        items: its items as JSON, each written when its turn comes.
        indent: of the object's members.
    """
    head = json.dumps(members, indent=2, ensure_ascii=False).replace("\n", f"\n{indent[2:]}")
    yield f"{head[: head.rindex('}')].rstrip()}{',' if members else ''}\n{indent}{json.dumps(name)}: ["
    mark = ""
    for item in items:
        yield f"{mark}\n{indent}  {item}"
        mark = ","
    yield f"\n{indent}]\n{indent[2:]}}}" if mark else f"]\n{indent[2:]}}}"
