"""Rules on the text of the project's own tables: nothing unseen, nothing garbled, numbers and words written one way."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema

from ..check_columns import text_of
from ..checks import CellTest, Check, cell_check
from .rule import Example, Rule

HIDDEN = (
    "\u0001-\u0008\u000e-\u001f\u007f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f"
)
BLANKS = "\t\n\r\u000b\u000c\u0085\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
# Ligatures, and letters and digits of full width, bold or italic as characters of their own.
LIGATURES = "\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff"
# UTF-8 read as Windows-1252: accented letters, dashes and quotation marks, signs; the replacement character, and
# characters of the private use area.
MOJIBAKE = (
    "[\u00c3\u00d0\u00d1][\u0080-\u00bf\u201a-\u203a\u0152-\u0192]|\u00c2[\u00a0-\u00bf]|\u00e2\u20ac|\u00e2\u02c6|"
    "[\ufffd\ue000-\uf8ff]"
)
# HTML entities and tags, and letters that became question marks.
_HTML = (
    "&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|amp|lt|gt|nbsp|quot|apos|[mn]dash|[lr][sd]quo|alpha|beta|gamma|"
    "[A-Za-z](?:acute|grave|uml|circ|tilde|cedil|slash|ring|caron));|"
    "</?(?:i|b|u|em|strong|su[bp]|p|br|span|div|a|jats:[a-z]+)(?: [^<>]*)?/?>"
)
_LOST_LETTERS = "[A-Za-z]\\?\\?+[A-Za-z]"
# Letters of another alphabet that look like Latin ones, inside a Latin word.
_LOOK_ALIKE = "[\u0400-\u04ff\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf]"
_MIXED_ALPHABETS = f"[A-Za-z]{_LOOK_ALIKE}|{_LOOK_ALIKE}[A-Za-z]"
FREE_TEXT = frozenset(
    (
        "note", "statement", "summary", "definition", "description", "reason", "mechanism_of_action", "indication",
        "why_not", "crossover_note",
    )
)  # fmt: skip
NUMBER_FORM = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
# Characters beyond ASCII are written out in the patterns: DuckDB's engine knows no \u escape.
INTERVAL_WITH_DASH = "[0-9]\\.[0-9]+ ?[-\u2013\u2212] ?[0-9]+\\.[0-9]"
P_VALUE_CROWDED = "\\b[Pp] ?[=<>\u2264\u2265] ?\\.?[0-9]"
P_VALUE = "\\bP [=<>\u2264\u2265] [0-9]"
BRITISH = r"(?i)\b(?:anti-?|xeno|phyto)?oestr|tumour"
_PLACEHOLDER = (
    "(?i)\\A(?:n/?a|n\\.a\\.|null|nan|todo|tb[acd]|to be (?:added|confirmed|done)|"
    "missing|not available|\\?+|-+|\u2013|_+|\\.+)\\z"
    "|\\b(?:TODO|FIXME|XXX)\\b|#(?:REF!|N/A|VALUE!|NAME\\?|DIV/0!|NUM!|NULL!)"
)
_VAGUE_LOCATOR = "(?i)\\A(?:none|unknown|source|see (?:the )?(?:paper|source|text|article|above|below))\\z|[?]|://"
_SHORTEST_LOCATOR = 3
_TEXT_COLUMNS = frozenset(("note", "authors", "title", "statement"))
LONGEST_NOTE_WORDS = 40


def is_own_table(table: str, schema: TableSchema) -> bool:
    """Return whether a table is one of the project's own, by its name and primary key."""
    package = installed.packages_by_table().get(table)
    return package is not None and package.resource(table).schema.primary_key == schema.primary_key


def is_free_text(field: Field, schema: TableSchema) -> bool:
    """Return whether a column is text without constraints: no choices, no pattern, no key."""
    keys = {column for key in schema.all_references() for column in key.columns}
    return (
        field.type == "string" and not field.choices and "pattern" not in field.constraints and field.name not in keys
    )


def _free_text_columns(table: str, schema: TableSchema) -> Iterator[str]:
    if is_own_table(table, schema):
        yield from (field.name for field in schema.fields if is_free_text(field, schema))


def _forbid(code: str, pattern: str, what: str, hint: str, columns: Iterator[str]) -> Iterator[Check]:
    for column in columns:
        yield cell_check(code, (column,), CellTest("lacks", pattern), f"{column} contains {what}", hint)


def _no_hidden_characters(table: str, schema: TableSchema) -> Iterator[Check]:
    what = "a character that nobody sees: zero width, direction mark, soft hyphen, byte order mark or line separator"
    yield from _forbid(
        "LDB505", f"[{HIDDEN}]", what, "Delete it: `luminaldb validate --fix`.", _free_text_columns(table, schema)
    )


def _single_blanks(table: str, schema: TableSchema) -> Iterator[Check]:
    what = "a line break, a tab, a blank of special width or two blanks"
    yield from _forbid(
        "LDB506",
        f"[{BLANKS}]|  ",
        what,
        "Write one blank: `luminaldb validate --fix`.",
        _free_text_columns(table, schema),
    )


def _no_garbled_letters(table: str, schema: TableSchema) -> Iterator[Check]:
    what = "a ligature, or letters that were read in the wrong encoding"
    hint = "Write the letters out: `luminaldb validate --fix`, or restore the cell from its source."
    yield from _forbid("LDB507", f"[{LIGATURES}]|{MOJIBAKE}", what, hint, _free_text_columns(table, schema))
    what = "a Cyrillic or Greek letter that looks like a Latin one"
    yield from _forbid("LDB507", _MIXED_ALPHABETS, what, "Type the word again.", _free_text_columns(table, schema))
    what = "a code of a web page, or question marks in place of letters"
    hint = "Write the letter itself, as the source prints it."
    yield from _forbid("LDB507", f"{_HTML}|{_LOST_LETTERS}", what, hint, _free_text_columns(table, schema))


def _no_placeholder(table: str, schema: TableSchema) -> Iterator[Check]:
    what = "a placeholder"
    hint = "Enter what is missing; a cell without a value is empty."
    yield from _forbid("LDB508", _PLACEHOLDER, what, hint, _free_text_columns(table, schema))
    for column in sorted(_TEXT_COLUMNS & set(_free_text_columns(table, schema))):
        yield cell_check("LDB508", (column,), CellTest("at_least", 2), f"{column} is one character", hint)
    if "locator" in _free_text_columns(table, schema):
        yield Check(
            "LDB508",
            ("locator",),
            (text_of("locator").str.len_chars() >= _SHORTEST_LOCATOR)
            & ~text_of("locator").str.contains(_VAGUE_LOCATOR),
            "{locator} is no place in a source",
            "Say where in the source it stands: abstract, table 2, results.",
        )


def _number_format(table: str, schema: TableSchema) -> Iterator[Check]:
    if not is_own_table(table, schema):
        return
    for field in (f for f in schema.fields if f.type in ("number", "integer")):
        is_well_formed = text_of(field.name).str.contains(rf"\A{NUMBER_FORM}\z")
        yield Check(
            "LDB509",
            (field.name,),
            # A cell that is no number is reported as a wrong type.
            nw.col(field.name).is_null() | is_well_formed,
            f"{field.name} {{{field.name}}} is written in another way than the tables' numbers",
            "Write 0.60: a zero before the point, no plus sign, no exponent, no zero in front.",
        )


def _short_note(table: str, schema: TableSchema) -> Iterator[Check]:
    if "note" not in _free_text_columns(table, schema):
        return
    words = text_of("note").str.replace_all(r"[^ ]+", "x").str.replace_all(" ", "", literal=True).str.len_chars()
    yield Check(
        "LDB510",
        ("note",),
        words <= LONGEST_NOTE_WORDS,
        f"a note of more than {LONGEST_NOTE_WORDS} words",
        "Shorten it; what has a column of its own goes there.",
    )


def _numbers_in_sentences(table: str, schema: TableSchema) -> Iterator[Check]:
    for column in (c for c in _free_text_columns(table, schema) if c in FREE_TEXT):
        yield cell_check(
            "LDB511",
            (column,),
            CellTest("lacks", INTERVAL_WITH_DASH),
            f"an interval in {column} has a dash",
            "Write 0.85 to 0.95: `luminaldb validate --fix`.",
        )
        # Every p value that is spaced in some way is spaced in the one way.
        without_spaced_p = text_of(column).str.replace_all(P_VALUE, "")
        yield Check(
            "LDB511",
            (column,),
            ~without_spaced_p.str.contains(P_VALUE_CROWDED),
            f"a p value in {column} is not written P = 0.67",
            "Write P = 0.67: `luminaldb validate --fix`.",
        )


def _american_spelling(table: str, schema: TableSchema) -> Iterator[Check]:
    columns = (c for c in _free_text_columns(table, schema) if c in FREE_TEXT)
    yield from _forbid(
        "LDB512", BRITISH, "oestrogen or tumour", "Write estrogen, tumor: `luminaldb validate --fix`.", columns
    )


def _note(text: str) -> Example:
    return Example("effects", ({"effect_id": "a", "note": text},))


RULES = (
    Rule(
        "LDB505",
        "Text contains no hidden character",
        "A word with a character that nobody sees in it isn't found, and two names that look alike differ.",
        _no_hidden_characters,
        passing=_note("Stratified by site."),
        failing=_note("Stra\u00adtified by\u200b site."),
        source="Unicode Technical Report 36",
    ),
    Rule(
        "LDB506",
        "Blanks are single and plain",
        "Text that was copied from a page or a table brings line breaks, tabs and wide blanks, which no search finds.",
        _single_blanks,
        passing=_note("Stratified by site."),
        failing=_note("Stratified\u00a0by  site."),
    ),
    Rule(
        "LDB507",
        "Letters are whole",
        "Ligatures come from the typesetting of a PDF, and garbled letters from a file opened in the wrong encoding.",
        _no_garbled_letters,
        passing=_note("Efficacy in L\u00f8nning's trial."),
        failing=_note("E\ufb03cacy in L\u00c3\u00b8nning's trial."),
    ),
    Rule(
        "LDB508",
        "No cell contains a placeholder",
        "Missing is the empty cell; a mark in its place counts as a value, and a locator of one letter leads nowhere.",
        _no_placeholder,
        passing=_note("Not reached."),
        failing=_note("TODO"),
    ),
    Rule(
        "LDB509",
        "A number is written one way",
        "The digits after the point say how precisely a source prints; a plus sign, an exponent or a missing zero "
        "hides that one number is another.",
        _number_format,
        passing=Example("effects", ({"effect_id": "a", "estimate": "0.60"},)),
        failing=Example("effects", ({"effect_id": "a", "estimate": ".60"},)),
    ),
    Rule(
        "LDB510",
        "A note is short",
        "A note of more than forty words contains what belongs in columns, where a query finds it.",
        _short_note,
        passing=_note("Stratified by site."),
        failing=_note("word " * 41),
    ),
    Rule(
        "LDB511",
        "Intervals and p values in sentences are written one way",
        "A dash between two numbers may be a minus sign; one form is found by one search.",
        _numbers_in_sentences,
        passing=_note("Interval 0.85 to 0.95, P = 0.67."),
        failing=_note("Interval 0.85-0.95, p=0.67."),
    ),
    Rule(
        "LDB512",
        "One spelling: estrogen, tumor",
        "Genes and MeSH terms are named so; titles, names and places in sources keep their own spelling.",
        _american_spelling,
        passing=_note("Tumors with estrogen receptor."),
        failing=_note("Tumours with oestrogen receptor."),
        source="HGNC; MeSH",
    ),
)
