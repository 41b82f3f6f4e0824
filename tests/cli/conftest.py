"""A package for the options of `luminaldb validate`."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import small_package

FIELDS = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}, {"name": "m", "type": "integer"}]
KEY = {"primaryKey": ["id"]}
BAD = "id,n,m\na,one,1\nb,2,two\nb,3,3\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with two wrong types and a repeated key."""
    return small_package(tmp_path / "package", FIELDS, BAD, schema=KEY)
