"""The quick reader and the strict one: the same cells, lines and problems, whatever a file holds."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from luminaldb.loaders import installed
from luminaldb.loaders.datapackage import csv_records, fast_text_reader, text_reader
from luminaldb.loaders.datapackage.descriptor import Resource, TableSchema
from luminaldb.loaders.datapackage.dialect import Dialect
from luminaldb.loaders.datapackage.text_reader import TextTable, read_text

_ALPHABET = st.sampled_from(
    ["a", "b", "1", "é", "漢", " ", ",", ";", '"', '""', '","', "\n", "\r\n", "\r", "\x1f", "\\", "'"]
)
_MESSY = st.lists(_ALPHABET, max_size=40).map("".join)


class Memory:
    """A store of one file that was never on disk."""

    label = "memory"

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, path: str) -> bytes:
        return self._data

    def local_path(self, path: str) -> None:
        return None


def read_both(data: bytes, dialect: Dialect) -> tuple[TextTable, TextTable, bool]:
    """Read by the path that `read_text` chooses and by the strict one, and tell whether the quick one was taken."""
    resource = Resource("table", "", "", "table.csv", None, "utf-8", dialect, TableSchema(()))
    took: list[bool] = []

    def watched(*arguments: object) -> pl.DataFrame | None:
        frame = fast_text_reader.read_simple_csv(*arguments)  # type: ignore[arg-type]
        took.append(frame is not None)
        return frame

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_reader, "LARGE_BYTES", 0)
        patch.setattr(text_reader, "read_simple_csv", watched)
        chosen = read_text(Memory(data), resource)
        patch.setattr(text_reader, "read_simple_csv", lambda *_: None)
        strict = read_text(Memory(data), resource)
    return chosen, strict, any(took)


def assert_same(data: bytes, dialect: Dialect) -> bool:
    chosen, strict, quick = read_both(data, dialect)
    assert chosen.header == strict.header
    assert chosen.issues == strict.issues
    assert list(chosen.lines) == list(strict.lines)
    assert chosen.frame.rows() == strict.frame.rows()
    assert chosen.frame.schema == strict.frame.schema
    return quick


@settings(max_examples=400, deadline=None)
@given(_MESSY, st.sampled_from([",", ";", "\t"]), st.sampled_from(['"', "'", None]))
@example("a,b\n1\n3,4,", ",", '"')
@example("a,b\n1\n3,4,", ",", None)
@example("a,b\n\n1,2\n", ",", '"')
@example("\na,b\n1,2\n", ",", '"')
@example("a\n\n1\n", ",", '"')
@example('a\n""\n\n1\n', ",", '"')
@example('a,b\n"1\n2",3\n', ",", '"')
@example('a,b\nx"y",""\n', ",", '"')
@example('a,b\n"x"y,z\n', ",", '"')
@example('"a"",",b\n"x"",""y",\n', ",", '"')
@example("a,a\n1,2\n", ",", '"')
@example("a,\n1,2\n", ",", '"')
def test_both_paths_give_the_same_of_any_text(content: str, delimiter: str, quote: str | None) -> None:
    assert_same(content.encode(), Dialect(delimiter=delimiter, quote_char=quote))


_CELLS = st.text(st.sampled_from(["a", "é", " ", ",", '"', "'", ";", "0"]), max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(_CELLS, min_size=3, max_size=3), min_size=1, max_size=12), st.booleans(), st.booleans())
def test_a_well_formed_table_is_read_quickly_and_alike(rows: list[list[str]], always: bool, ended: bool) -> None:
    def written(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if always or '"' in cell or "," in cell else cell

    lines = ["x,y,z", *(",".join(written(c) for c in row) for row in rows)]
    data = ("\n".join(lines) + "\n" * ended).encode()
    assert assert_same(data, Dialect())
    chosen, _, _ = read_both(data, Dialect())
    assert chosen.frame.rows() == [tuple(row) for row in rows]


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.integers(0, 5_000), st.integers(0, 2), st.sampled_from(["", ",", ",,", '"']))
def test_one_bad_line_among_many_is_never_lost(at: int, column: int, spoil: str) -> None:
    rows = [[str(n), "x", "y"] for n in range(5_001)]
    rows[at][column] += spoil
    data = ("a,b,c\n" + "".join(",".join(row) + "\n" for row in rows)).encode()
    quick = assert_same(data, Dialect())
    assert quick == (spoil == "")


@pytest.mark.slow
def test_a_cell_over_the_limit_is_left_to_the_strict_reader() -> None:
    data = b"a,b\n1," + b"x" * (csv_records.MAX_CELL_CHARACTERS + 1) + b"\n"
    assert not assert_same(data, Dialect())
    assert not assert_same(data.replace(b"x", '"é"'.encode(), 1), Dialect())


@pytest.mark.parametrize(
    "dialect",
    [
        Dialect(skip_initial_space=True),
        Dialect(escape_char="\\"),
        Dialect(comment_char="#"),
        Dialect(header=False, header_row=0),
        Dialect(header_row=2),
        Dialect(double_quote=False),
    ],
)
def test_an_unusual_dialect_is_left_to_the_strict_reader(dialect: Dialect) -> None:
    assert not assert_same(b"a,b\n#1, 2\n3,\\4\n", dialect)


def test_the_installed_tables_without_broken_lines_are_read_quickly() -> None:
    for package in installed.packages().values():
        for resource in package.descriptor.resources:
            data = package.store.read(resource.path or "")
            assert assert_same(data, resource.dialect), resource.name


def test_bytes_that_are_no_text_are_reported_alike() -> None:
    chosen, strict, _ = read_both(b"a,b\n1,\xff\n", Dialect())
    assert [(p.code, p.line) for p in chosen.issues] == [("LDB002", 2)]
    assert chosen.issues == strict.issues


def test_a_file_in_another_encoding_is_read_quickly_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_reader, "LARGE_BYTES", 0)
    resource = Resource("table", "", "", "table.csv", None, "latin-1", Dialect(), TableSchema(()))
    table = read_text(Memory("a,b\nä,ö\n".encode("latin-1")), resource)
    assert table.frame.rows() == [("ä", "ö")]
    assert list(table.lines) == [2]
    assert isinstance(table.lines, range)
