"""Fixes of the text and the numbers of a cell: one right answer, and no rule is broken afterwards."""

from __future__ import annotations

from collections.abc import Callable

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luminaldb.curation.fixes import text_fixes as fixes
from luminaldb.loaders import installed
from luminaldb.schemas.rules import clean_text

FIXED: list[tuple[Callable[[str], str], str, str]] = [
    (fixes.delete_hidden_characters, "a\u200bb\u00adc\ufeffd\u2028e", "abcd e"),
    (fixes.to_single_blanks, "a\u00a0b\tc\r\nd  e ", "a b c d e"),
    (fixes.delete_hidden_characters, "a\u0001b\ufe0fc", "abc"),
    (fixes.expand_ligatures, "e\ufb03cacy", "efficacy"),
    (fixes.expand_ligatures, "\uff10.\uff16 \U0001d400", "0.6 A"),
    (fixes.fix_encoding, "L\u00c3\u00b8nning \u00e2\u20ac\u201c 5", "L\u00f8nning \u2013 5"),
    (fixes.fix_encoding, "S\u00c3O", "S\u00c3O"),
    (fixes.write_interval, "0.85-0.95 and 1.2 \u2013 3.4", "0.85 to 0.95 and 1.2 to 3.4"),
    (fixes.write_interval, "CDK4-6, 5-year, P-0.5", "CDK4-6, 5-year, P-0.5"),
    (fixes.write_p_value, "p=.67, P<0.001, P = 0.5", "P = 0.67, P < 0.001, P = 0.5"),
    (fixes.to_american_spelling, "Oestrogen, antioestrogen, tumours", "Estrogen, antiestrogen, tumors"),
    (fixes.to_plain_number, ".60", "0.60"), (fixes.to_plain_number, "+0.60", "0.60"), (fixes.to_plain_number, "00.60", "0.60"),
    (fixes.to_plain_number, "6e-1", "0.6"), (fixes.to_plain_number, "-.5", "-0.5"), (fixes.to_plain_number, "0.60", "0.60"),
    (fixes.to_plain_number, "0,60", "0,60"), (fixes.to_plain_number, "", ""), (fixes.to_plain_number, "1e99", "1" + "0" * 99),
]  # fmt: skip


@pytest.mark.parametrize(("fix", "cell", "right"), FIXED)
def test_a_cell_is_fixed_where_one_answer_is_right(fix: Callable[[str], str], cell: str, right: str) -> None:
    assert fix(cell) == right
    assert fix(right) == right


def unsound(cell: str) -> set[str]:
    """Return the rules on text that a note breaks, of those that `--fix` answers."""
    schema = installed.package_of("effects").resource("effects").schema
    frame = nw.from_native(pl.DataFrame({"note::text": [cell]}), eager_only=True)
    broken = set()
    for rule in clean_text.RULES:
        for check in rule.checks("effects", schema):
            if check.columns == ("note",) and rule.code not in ("LDB508", "LDB510"):
                right = frame.select(check.expression.alias("x")).to_native()["x"][0]
                broken |= {rule.code} if right is False else set()
    return broken


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "p=.67",
                "0.85-0.95",
                "oestrogen",
                "Tumour",
                "\u200b",
                "\u00a0",
                "  ",
                "\ufb01",
                "word",
                "\n",
                "\u2028",
                "5",
                " ",
                "P",
            ]
        )
    )
)
def test_what_the_fixes_leave_breaks_no_rule(parts: list[str]) -> None:
    schema = installed.package_of("effects").resource("effects").schema
    note = next(f for f in schema.fields if f.name == "note")
    cell = "".join(parts)
    for _ in range(2):
        for _, fix in fixes.text_fixes("effects", schema, note):
            cell = fix(cell)
    assert not unsound(cell)
