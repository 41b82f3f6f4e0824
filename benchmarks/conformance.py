"""Compare luminaldb's results with frictionless's, on packages that others wrote.

    python benchmarks/conformance.py FOLDER [--json FILE]

FOLDER holds clones of repositories with data packages, for instance frictionlessdata/frictionless-py,
frictionlessdata/example-data-packages and packages of the `datasets` organisation. Looked at are: every JSON or
YAML file with `resources`; every other table file, which no package names, validated by its form alone; and
frictionless-py's own tests of single cells. Nothing is downloaded; the network is cut off while this runs.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import signal
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import luminaldb

SECONDS = 120
MAX_BYTES = 30_000_000
# What a code of ours, or a type of theirs, means when only one of the two reports an error.
REASONS = {
    "LDB003": "we refuse a byte order mark in a file declared as utf-8",
    "LDB015": "fieldsMatch exact requires the fields' order",
    "LDB020": "a cell without the form that the standard requires",
    "LDB024": "patterns are anchored as a whole, which frictionless doesn't do with alternations",
    "LDB032": "frictionless ignores uniqueKeys",
    "LDB035": "frictionless ignores categories",
    "LDB037": "a string without its format's form",
    "LDB038": "a constraint that can't be used",
    "LDB021": "a key with an empty part",
    "LDB011": "a path that leaves the package, or a URL",
    "LDB001": "a file that isn't there",
    "LDB016": "broken quoting or rows of another shape, which frictionless reads past",
    "not-opened": "a descriptor we can't use",
}


class TooLong(Exception):
    """One side took longer than the bound."""


@dataclass
class Case:
    """One package or table, validated by both."""

    name: str
    ours: str = "valid"
    theirs: str = "valid"
    our_codes: list[str] = field(default_factory=list)
    their_types: list[str] = field(default_factory=list)
    our_rows: list[str] = field(default_factory=list)
    their_rows: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    notes: int = 0

    @property
    def agrees(self) -> bool:
        """Whether the verdicts are the same."""
        return self.ours == self.theirs

    @property
    def reason(self) -> str:
        """Why the verdicts may differ, by what was found."""
        if self.agrees:
            return ""
        codes = self.our_codes if self.ours == "invalid" else self.their_types
        return "; ".join(dict.fromkeys(REASONS.get(s, s) for s in codes)) or self.theirs


@contextlib.contextmanager
def with_time_limit() -> Iterator[None]:
    """Stop what takes too long."""

    def late(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def block_network() -> None:
    """Take the network away: a result must not depend on it."""

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("no network here")

    socket.socket.connect = refuse  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = refuse  # type: ignore[assignment]


def validate_by_luminaldb(descriptor: Path, case: Case) -> None:
    """Fill in the result of luminaldb."""
    try:
        with with_time_limit():
            report = luminaldb.validate(descriptor)
    except luminaldb.LuminaldbError as error:
        case.ours, case.our_codes, case.first = "invalid", ["not-opened"], [f"ours: {error}"]
        return
    case.notes = len(report.notes)
    if not report.ok:
        case.ours = "invalid"
        case.our_codes = sorted({f.code for f in report.errors})
        case.our_rows = sorted({f"{f.table}:{f.line}" for f in report.errors if f.line > 1})
        case.first.append(f"ours: {report.errors[0]}")


def validate_by_frictionless(descriptor: Path, case: Case) -> None:
    """Fill in the result of frictionless; a crash is one, too."""
    import frictionless

    try:
        with with_time_limit(), frictionless.system.use_context(trusted=False):
            report = frictionless.validate(str(descriptor), type="package")
    except TooLong:
        case.theirs = "too long"
        return
    except Exception as error:
        case.theirs = "crash"
        case.first.append(f"theirs: {type(error).__name__}: {error}")
        return
    if not report.valid:
        case.theirs = "invalid"
        errors = [("", e) for e in report.errors] + [(t.name, e) for t in report.tasks for e in t.errors]
        case.their_types = sorted({e.type for _, e in errors})
        case.their_rows = sorted({f"{n}:{e.row_number}" for n, e in errors if hasattr(e, "row_number")})
        case.first.append(f"theirs: {errors[0][1].message}" if errors else "theirs: no message")


def descriptor_of(file: Path) -> dict[str, Any] | None:
    """Read a package's descriptor, JSON or YAML; None for other files."""
    if file.stat().st_size > MAX_BYTES:
        return None
    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".json":
            value = json.loads(text)
        else:
            import yaml

            value = yaml.safe_load(text)
    except Exception:
        return None
    listed = isinstance(value, dict) and isinstance(value.get("resources"), list) and value["resources"]
    if not listed or not all(isinstance(r, dict) and ("path" in r or "data" in r) for r in value["resources"]):
        return None
    return value


def packages(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the packages of a folder; for YAML, a copy as JSON is in the same folder while it is validated."""
    for file in sorted(folder.rglob("*")):
        if file.suffix not in (".json", ".yaml", ".yml") or not file.is_file():
            continue
        value = descriptor_of(file)
        if value is None:
            continue
        if file.suffix == ".json":
            yield str(file.relative_to(folder)), file
            continue
        json_copy = file.with_name(f"{file.name}.conformance.json")
        json_copy.write_text(json.dumps(value, default=str), encoding="utf-8")
        try:
            yield str(file.relative_to(folder)), json_copy
        finally:
            json_copy.unlink()


def described_files(folder: Path) -> set[Path]:
    """Return the files that packages name."""
    files: set[Path] = set()
    for file in folder.rglob("*"):
        if file.suffix in (".json", ".yaml", ".yml") and file.is_file() and (value := descriptor_of(file)):
            for item in value["resources"]:
                paths = item.get("path")
                path_list = paths if isinstance(paths, list) else [paths]
                files |= {(file.parent / p).resolve() for p in path_list if isinstance(p, str) and "://" not in p}
    return files


def tables(folder: Path, into: Path) -> Iterator[tuple[str, Path]]:
    """Yield each table that no package names as a package of its own, without a schema."""
    described = described_files(folder)
    for number, file in enumerate(sorted([*folder.rglob("*.csv"), *folder.rglob("*.tsv")])):
        if file.resolve() in described or not file.is_file() or file.stat().st_size > MAX_BYTES:
            continue
        package_folder = into / str(number)
        package_folder.mkdir()
        (package_folder / f"table{file.suffix}").write_bytes(file.read_bytes())
        descriptor = {"name": "table", "resources": [{"name": "table", "type": "table", "path": f"table{file.suffix}"}]}
        (package_folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
        yield str(file.relative_to(folder)), package_folder / "datapackage.json"


def cells(folder: Path) -> Iterator[tuple[str, dict[str, Any], str, bool]]:
    """Yield what frictionless-py's field tests say: name, field, cell, whether it is taken."""
    for file in sorted(folder.rglob("fields/__spec__/test_*.py")):
        kind = file.stem.removeprefix("test_")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("parametrize")):
                continue
            names = [n.strip() for n in str(ast.literal_eval(node.args[0])).split(",")]
            if not {"source", "target"} <= set(names) or not isinstance(node.args[1], ast.List):
                continue
            for row in node.args[1].elts:
                if not isinstance(row, ast.Tuple) or len(row.elts) != len(names):
                    continue
                values = dict(zip(names, row.elts, strict=True))
                try:
                    source = ast.literal_eval(values["source"])
                    format_name = ast.literal_eval(values["format"]) if "format" in values else "default"
                    options = ast.literal_eval(values["options"]) if "options" in values else {}
                except ValueError:
                    continue
                if not isinstance(source, str) or source == "" or not isinstance(options, dict):
                    continue
                target = values["target"]
                is_accepted = not (isinstance(target, ast.Constant) and target.value is None)
                yield (
                    f"{kind} {format_name} {options} {source!r}",
                    {"type": kind, "format": format_name, **options},
                    source,
                    is_accepted,
                )


def compare_cells(folder: Path, into: Path) -> tuple[int, list[str]]:
    """Validate single cells as frictionless-py's tests do: how many, and which otherwise."""
    total, differences = 0, []
    package_folder = into / "cell"
    package_folder.mkdir()
    for name, descriptor, source, is_accepted in cells(folder):
        total += 1
        schema = {"fields": [{"name": "x", **descriptor}]}
        resource = {"name": "t", "type": "table", "data": [{"x": source}], "schema": schema}
        (package_folder / "datapackage.json").write_text(
            json.dumps({"name": "cell", "resources": [resource]}), encoding="utf-8"
        )
        try:
            report = luminaldb.validate(package_folder)
            ours = not [f for f in report.errors if f.code != "LDB013"]
        except luminaldb.LuminaldbError:
            ours = False
        if ours != is_accepted:
            differences.append(f"{name}: ours {'takes' if ours else 'refuses'} it, theirs not so")
    return total, differences


def main() -> int:
    """Validate a folder and print what agrees and what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="where to write every case")
    options = parser.parse_args()
    block_network()
    groups: dict[str, list[Case]] = {"packages": [], "tables without a schema": []}
    with tempfile.TemporaryDirectory() as temporary:
        temporary_folder = Path(temporary)
        for group, descriptors in (
            ("packages", packages(options.folder)),
            ("tables without a schema", tables(options.folder, temporary_folder)),
        ):
            for name, descriptor in descriptors:
                case = Case(name)
                validate_by_luminaldb(descriptor, case)
                validate_by_frictionless(descriptor, case)
                groups[group].append(case)
        total, differences = compare_cells(options.folder, temporary_folder)
    for group, cases in groups.items():
        show(group, cases)
    print(f"\n## single cells of frictionless-py's tests: {total}, with another result: {len(differences)}")
    for line in differences:
        print(f"  {line}")
    if options.json:
        options.json.write_text(json.dumps({g: [asdict(c) for c in cs] for g, cs in groups.items()}, indent=1))
    return 0


def show(group: str, cases: list[Case]) -> None:
    """Print one group's counts and differences."""
    pairs = Counter((c.ours, c.theirs) for c in cases)
    print(f"\n## {group}: {len(cases)}, same result: {sum(c.agrees for c in cases)}")
    for (ours, theirs), count in sorted(pairs.items()):
        print(f"  ours {ours:8} theirs {theirs:8} {count}")
    both = [c for c in cases if c.ours == c.theirs == "invalid" and (c.our_rows or c.their_rows)]
    same_rows = [c for c in both if c.our_rows == c.their_rows]
    print(f"  both invalid with rows named: {len(both)}, the same rows: {len(same_rows)}")
    for c in cases:
        if not c.agrees:
            print(f"  DIFFERS {c.name}: ours {c.ours} {c.our_codes}, theirs {c.theirs} {c.their_types}: {c.reason}")
            for line in c.first:
                print(f"      {' '.join(line.split())[:300]}")
    for c in both:
        if c.our_rows != c.their_rows:
            only_ours, only_theirs = (
                sorted(set(c.our_rows) - set(c.their_rows)),
                sorted(set(c.their_rows) - set(c.our_rows)),
            )
            print(
                f"  ROWS {c.name}: only ours {only_ours[:5]} ({len(only_ours)}), only theirs {only_theirs[:5]} ({len(only_theirs)})"
            )
            print(f"      {c.our_codes} {c.their_types} {' '.join(' | '.join(c.first).split())[:300]}")


if __name__ == "__main__":
    sys.exit(main())
