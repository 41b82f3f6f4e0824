"""A file checked in chunks gets the same findings as one checked whole."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_packages import PLAIN_HEADER, in_chunks, plain_package, validate_plain_package

import luminaldb
from luminaldb.loaders.datapackage.package import Package
from luminaldb.schemas.backend import TableRows
from luminaldb.schemas.engines.chunks import ChunkedRows
from luminaldb.schemas.engines.polars_backend import MemoryRows, PolarsBackend
from luminaldb.schemas.table_to_check import TableToCheck


def written(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([PLAIN_HEADER.split(","), *rows])
    return text.getvalue().encode()


def rows_of(folder: Path) -> dict[str, TableRows]:
    """Open the rows of each table of a package as the runner does."""
    package = Package.open(folder)
    tables = (
        TableToCheck("p", package, r, package.file(r.name), r.name == "genes") for r in package.descriptor.resources
    )
    return {table.name: PolarsBackend().read(table) for table in tables}


def kinds(folder: Path) -> dict[str, type[TableRows]]:
    return {name: type(rows) for name, rows in rows_of(folder).items()}


CELLS = st.tuples(
    st.sampled_from(["1", "2", "3", "01", "", "x", "70", "9" * 20]),
    st.sampled_from(["a", "b", "a,b", 'q"q', "", "ä"]),
    st.sampled_from(["1", "1.0", "2.5", "1e1", "", "n"]),
    st.sampled_from(["ERBB2", "ESR1", "FLT3", ""]),
    st.sampled_from(["2024-02-09", "24-02-09", "", "2024-02-10"]),
)
IN_ONE_FOLDER = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(rows=st.lists(CELLS, max_size=30), chunk=st.integers(1, 200))
@settings(IN_ONE_FOLDER, max_examples=80)
def test_pieces_give_the_findings_of_the_whole(rows: list[tuple[str, ...]], chunk: int, tmp_path: Path) -> None:
    folder = plain_package(tmp_path / "p", written(rows))
    assert validate_plain_package(folder, chunk) == validate_plain_package(folder, None)


@given(body=st.binary(max_size=120) | st.text('1,\n\r";aE#', max_size=120).map(str.encode), chunk=st.integers(1, 60))
@settings(IN_ONE_FOLDER, max_examples=80)
def test_any_bytes_in_pieces_give_the_findings_of_the_whole(body: bytes, chunk: int, tmp_path: Path) -> None:
    folder = plain_package(tmp_path / "p", PLAIN_HEADER.encode() + b"\n" + body)
    assert validate_plain_package(folder, chunk) == validate_plain_package(folder, None)


def test_a_line_that_is_no_record_gives_the_strict_reader_the_word(tmp_path: Path) -> None:
    rows = written([(str(n), f"h{n}", "", "ESR1", "") for n in range(50)])
    folder = plain_package(tmp_path / "p", rows + b'50,"two\nlines",,ESR1,\n51,short\n51,h,,NOPE,\n')
    whole = validate_plain_package(folder, None)
    assert {(f.code, f.line) for f in whole[0]} == {("LDB006", 54), ("LDB033", 55)}
    assert validate_plain_package(folder, 100) == whole


def test_a_table_that_keys_refer_to_is_held_whole(tmp_path: Path) -> None:
    folder = plain_package(tmp_path / "p", written([("1", "a", "", "ESR1", "")]))
    assert kinds(folder) == {"genes": MemoryRows, "rows": MemoryRows}
    with in_chunks(64):
        assert kinds(folder) == {"genes": MemoryRows, "rows": ChunkedRows}


def test_the_installed_tables_get_no_finding_in_pieces_either() -> None:
    with in_chunks(4096):
        assert luminaldb.validate().findings == []


def test_lines_that_end_in_cr_lf_are_checked_in_pieces_too(tmp_path: Path) -> None:
    rows = written([(str(n), f"h{n}", "", "ESR1" if n != 40 else "NOPE", "") for n in range(50)])
    windows = rows.replace(b"\n", b"\r\n")
    folder = plain_package(tmp_path / "p", windows)
    with in_chunks(100):
        rows = rows_of(folder)["rows"]
        assert isinstance(rows, ChunkedRows)
        assert len(list(rows.chunks())) > 1
    assert validate_plain_package(folder, 100) == validate_plain_package(folder, None)
    assert [(f.code, f.line) for f in validate_plain_package(folder, 100)[0]] == [("LDB033", 42)]
