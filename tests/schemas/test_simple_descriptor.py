"""A descriptor that is taken for plain is one to which frictionless, too, has no objection."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from odd_packages import ODD

from luminaldb.schemas.descriptor_profiles import frictionless_problems, profile_problems
from luminaldb.schemas.simple_descriptor import is_simple_descriptor

PLAIN: dict[str, Any] = {
    "name": "two-tables",
    "title": "Two tables",
    "created": "2024-02-09T12:00:00Z",
    "licenses": [{"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
    "contributors": [{"title": "Somebody", "roles": ["curator"]}],
    "sources": [{"title": "A paper", "path": "https://example.org"}],
    "keywords": ["breast cancer"],
    "resources": [
        {"name": "genes", "type": "table", "path": "genes.csv", "schema": {
            "fields": [{"name": "symbol", "type": "string", "example": "ESR1"}], "primaryKey": "symbol"}},
        {"name": "samples", "path": "data/samples.csv", "bytes": 12, "encoding": "utf-8", "dialect": {"delimiter": ";"},
         "profile": "tabular-data-resource", "schema": {
            "fields": [
                {"name": "gene", "type": "string", "constraints": {"required": True, "maxLength": 9, "pattern": "[A-Z0-9]+"}},
                {"name": "age", "type": "integer", "example": 40, "constraints": {"minimum": 18, "maximum": 120}},
                {"name": "ratio", "type": "number", "format": "default", "x-unit": "1"},
                {"name": "grade", "type": "string", "categories": ["1", "2"], "constraints": {"enum": ["1", "2"]}},
                {"name": "seen", "type": "boolean", "example": True},
                {"name": "on", "type": "date", "description": "Day of the visit."},
            ],
            "missingValues": ["", "NA"],
            "foreignKeys": [{"fields": ["gene"], "reference": {"resource": "genes", "fields": ["symbol"]}}]}},
    ],
}  # fmt: skip
VALUES = [*ODD, "table", "fields", "1", 1.5, ["gene"], ["a", "a"], {"name": "x"}, {"email": "a"}, "2024-13-01T00:00:00Z",
          "Name", "ä", "email", "uri", "data-package", "https://datapackage.org/profiles/1.0/datapackage.json", float("nan")]  # fmt: skip
MEMBERS = ["$schema", "profile", "name", "type", "email", "example", "format", "fields", "primaryKey", "foreignKeys",
           "missingValues", "exclusiveMinimum", "required", "homepage", "path", "data", "x-own", "own", "fieldsMatch",
           "licenses", "contributors", "created", "role", "trueValues", "bareNumber", "dialect"]  # fmt: skip


@pytest.mark.parametrize(
    "descriptor", [PLAIN, {"$schema": "https://datapackage.org/profiles/2.0/datapackage.json", **PLAIN}]
)
def test_a_usual_descriptor_is_plain(descriptor: dict[str, Any]) -> None:
    assert is_simple_descriptor(descriptor)
    assert frictionless_problems(descriptor) == []


def members(descriptor: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each place where a member stands or could stand."""
    if isinstance(descriptor, list):
        for item in descriptor:
            yield from members(item)
    elif isinstance(descriptor, dict):
        for inside in list(descriptor.values()):
            yield from members(inside)
        yield from ((descriptor, name) for name in dict.fromkeys([*descriptor, *MEMBERS]))


@pytest.mark.slow
def test_what_is_plain_breaks_no_profile() -> None:
    descriptor = copy.deepcopy(PLAIN)
    tried, plain = 0, 0
    for holder, name in list(members(descriptor)):
        before = dict(holder)
        for value in VALUES:
            holder[name] = value
            tried += 1
            if is_simple_descriptor(descriptor):
                plain += 1
                assert frictionless_problems(descriptor) == [], f"{name}: {value!r} is taken for plain in {holder}"
        holder.clear()
        holder.update(before)
    assert descriptor == PLAIN
    assert tried > plain > 100, "the values tried must be of both kinds"


def test_what_is_not_plain_is_still_checked() -> None:
    twice = {**PLAIN, "resources": [PLAIN["resources"][0], PLAIN["resources"][0]]}
    assert not is_simple_descriptor(twice)
    assert profile_problems(twice) == ["names of the resources are not unique"]


def test_a_plain_package_is_checked_without_importing_frictionless(tmp_path: Path) -> None:
    descriptor = {**PLAIN, "resources": PLAIN["resources"][:1]}
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    (tmp_path / "genes.csv").write_text("symbol\nESR1\n", encoding="utf-8")
    code = "import sys, luminaldb; print(luminaldb.validate(sys.argv[1]).ok, 'frictionless' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert result.stdout == "True False\n"
