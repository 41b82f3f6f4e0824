"""A file judged in pieces gets the same findings as one judged whole."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_packages import PLAIN_HEADER, in_pieces, plain_package, plainly_judged

import luminaldb
from luminaldb.loaders.open_packages import opened
from luminaldb.schemas import table_in_chunks, validation


def written(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([PLAIN_HEADER.split(","), *rows])
    return text.getvalue().encode()


def kinds(folder: Path) -> dict[str, str]:
    """Say how each table of a package is judged."""
    tables = validation.Validation(opened([folder]))._tables
    return {name: type(table).__name__ for (_, name), table in tables.items()}


CELLS = st.tuples(
    st.sampled_from(["1", "2", "3", "01", "", "x", "70", "9" * 20]),
    st.sampled_from(["a", "b", "a,b", 'q"q', "", "ä"]),
    st.sampled_from(["1", "1.0", "2.5", "1e1", "", "n"]),
    st.sampled_from(["ERBB2", "ESR1", "FLT3", ""]),
    st.sampled_from(["2024-02-09", "24-02-09", "", "2024-02-10"]),
)
IN_ONE_FOLDER = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(rows=st.lists(CELLS, max_size=30), piece=st.integers(1, 200))
@settings(IN_ONE_FOLDER, max_examples=80)
def test_pieces_give_the_findings_of_the_whole(rows: list[tuple[str, ...]], piece: int, tmp_path: Path) -> None:
    folder = plain_package(tmp_path / "p", written(rows))
    assert plainly_judged(folder, piece) == plainly_judged(folder, None)


@given(body=st.binary(max_size=120) | st.text('1,\n\r";aE#', max_size=120).map(str.encode), piece=st.integers(1, 60))
@settings(IN_ONE_FOLDER, max_examples=80)
def test_any_bytes_in_pieces_give_the_findings_of_the_whole(body: bytes, piece: int, tmp_path: Path) -> None:
    folder = plain_package(tmp_path / "p", PLAIN_HEADER.encode() + b"\n" + body)
    assert plainly_judged(folder, piece) == plainly_judged(folder, None)


def test_a_line_that_is_no_record_gives_the_strict_reader_the_word(tmp_path: Path) -> None:
    rows = written([(str(n), f"h{n}", "", "ESR1", "") for n in range(50)])
    folder = plain_package(tmp_path / "p", rows + b'50,"two\nlines",,ESR1,\n51,short\n51,h,,NOPE,\n')
    whole = plainly_judged(folder, None)
    assert {(f.code, f.line) for f in whole[0]} == {("LDB006", 54), ("LDB033", 55)}
    assert plainly_judged(folder, 100) == whole


def test_a_table_that_keys_refer_to_is_held_whole(tmp_path: Path) -> None:
    folder = plain_package(tmp_path / "p", written([("1", "a", "", "ESR1", "")]))
    assert kinds(folder) == {"genes": "Table", "rows": "Table"}
    with in_pieces(64):
        assert kinds(folder) == {"genes": "Table", "rows": table_in_chunks.LargeTable.__name__}


def test_the_shipped_tables_get_no_finding_in_pieces_either() -> None:
    with in_pieces(4096):
        assert luminaldb.validate().findings == []


def test_lines_that_end_in_cr_lf_are_judged_in_pieces_too(tmp_path: Path) -> None:
    rows = written([(str(n), f"h{n}", "", "ESR1" if n != 40 else "NOPE", "") for n in range(50)])
    windows = rows.replace(b"\n", b"\r\n")
    folder = plain_package(tmp_path / "p", windows)
    with in_pieces(100):
        table = validation.Validation(opened([folder]))._tables
        name = next(key for key, own in table.items() if isinstance(own, table_in_chunks.LargeTable))
        assert len(list(table[name]._pieces())) > 1  # type: ignore[attr-defined]
    assert plainly_judged(folder, 100) == plainly_judged(folder, None)
    assert [(f.code, f.line) for f in plainly_judged(folder, 100)[0]] == [("LDB033", 42)]
