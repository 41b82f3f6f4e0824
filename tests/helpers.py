"""Helpers of the tests: spoil a cell of a CSV, write a small package."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent


def copy_tracked(target: Path) -> Path:
    """Copy what git tracks, as a fresh clone would hold it."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=REPOSITORY,
                            capture_output=True, check=True)  # fmt: skip
    for name in listed.stdout.decode().split("\0"):
        file, place = REPOSITORY / name, target / name
        if name and (file.is_file() or file.is_symlink()):
            place.parent.mkdir(parents=True, exist_ok=True)
            if file.is_symlink():
                place.symlink_to(file.readlink())
            else:
                place.write_bytes(file.read_bytes())
    return target


def read_rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def write_rows(file: Path, rows: list[list[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def set_cell(file: Path, row: int, column: str, value: str) -> None:
    """Write one cell of a CSV; row 0 is the first record."""
    rows = read_rows(file)
    rows[row + 1][rows[0].index(column)] = value
    write_rows(file, rows)


def small_package(folder: Path, fields: list[dict[str, Any]], csv_text: str | bytes, **resource: Any) -> Path:
    """Write a package of one table."""
    folder.mkdir(parents=True, exist_ok=True)
    schema = {"fields": fields, **resource.pop("schema", {})}
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "small",
        "resources": [{"name": "table", "type": "table", "path": "table.csv", "schema": schema, **resource}],
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    data = csv_text.encode() if isinstance(csv_text, str) else csv_text
    (folder / "table.csv").write_bytes(data)
    return folder


def write_package(
    folder: Path, resource: dict[str, Any], files: dict[str, bytes] | None = None, **package: Any
) -> Path:
    """Write a package of one resource and the files it names."""
    folder.mkdir(parents=True)
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "small",
        "resources": [{"name": "table", **resource}],
        **package,
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    for name, data in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def on_a_terminal(*arguments: str, cwd: Path, columns: int = 160) -> str:
    """Run the command line on a terminal so wide and give what it draws."""
    import pty

    main, other = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "luminaldb", *arguments], stdout=other, stderr=other, cwd=cwd, env=environment
    )
    os.close(other)
    drawn = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:
            break
        if not part:
            break
        drawn += part
    process.wait()
    os.close(main)
    return drawn.decode()
