"""Answers of `luminaldb new` before they are written: saved after each one, so that Ctrl-C or an error loses none."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from luminaldb.atomic_write import replace_file
from luminaldb.errors import LuminaldbError
from luminaldb.input_files import read_input

DRAFTS = "LUMINALDB_DRAFTS"
_MAX_BYTES = 16 * 1024**2


@dataclass
class DraftRow:
    """A row being entered.

    Attributes:
        table: its table.
        cells: the answers, by column; a column that wasn't asked for yet is missing.
        complete: whether all columns were asked for.
    """

    table: str
    cells: dict[str, str] = field(default_factory=dict)
    complete: bool = False


@dataclass
class Draft:
    """The answers of one interview.

    Attributes:
        file: where they are kept.
        rows: in the order they were entered.
    """

    file: Path
    rows: list[DraftRow] = field(default_factory=list)

    def save(self) -> None:
        """Keep the answers on disk.

        Raises:
            LuminaldbError: the file can't be written.
        """
        rows = [{"table": r.table, "cells": r.cells, "complete": r.complete} for r in self.rows]
        with replace_file(self.file, force=True) as temporary_file:
            temporary_file.write_text(json.dumps({"rows": rows}, indent=1, ensure_ascii=False), encoding="utf-8")

    def discard(self) -> None:
        """Remove the file: the answers are written, or start again."""
        self.file.unlink(missing_ok=True)


def draft_file(tree: str, name: str) -> Path:
    """Return the file of an interview's answers: in LUMINALDB_DRAFTS, or where the system keeps such state.

    Args:
        tree: the folder that the rows are for.
        name: of the table, or of the kind of interview.
    """
    if folder_setting := os.environ.get(DRAFTS):
        folder = Path(folder_setting).expanduser()
    else:
        from platformdirs import user_state_path

        folder = user_state_path("luminaldb", appauthor=False) / "drafts"
    folder_hash = hashlib.sha256(str(Path(tree).resolve()).encode()).hexdigest()[:12]
    return folder / f"{name}-{folder_hash}.json"


def read_draft(file: Path, tables: Sequence[str]) -> Draft:
    """Read the answers of an interview that ended early.

    Args:
        file: of the draft.
        tables: names of the tables that there are.

    Raises:
        LuminaldbError: there is none, or it can't be used.
    """
    if not file.exists():
        raise LuminaldbError("no unfinished answers for this table and folder; start without --resume")
    try:
        document = json.loads(read_input(file, limit=_MAX_BYTES))
        rows = [
            DraftRow(str(r["table"]), {str(c): str(v) for c, v in r["cells"].items()}, bool(r["complete"]))
            for r in document["rows"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        rows = []
    if not rows or any(r.table not in tables for r in rows):
        raise LuminaldbError(f"{file}: holds no answers that can be used; delete it and start without --resume")
    return Draft(file, rows)
