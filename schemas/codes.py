"""Every code that a finding can carry: those of files, columns and keys are listed here, the rest by their rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from .rules import RULES


@dataclass(frozen=True, slots=True)
class Code:
    """A code of findings.

    Attributes:
        code: stable for ever.
        title: what holds where it isn't found.
        severity: `error` fails a validation, `warning` doesn't; a rule may say otherwise of one finding.
        reason: why a row that breaks it is wrong; empty where the title says it all.
    """

    code: str
    title: str
    severity: str = "error"
    reason: str = ""


CODES = (
    Code("LDB001", "The file is there and can be read"),
    Code("LDB002", "The bytes are of the file's encoding"),
    Code("LDB003", "A UTF-8 file starts without a byte order mark"),
    Code("LDB004", "Lines end as the descriptor says"),
    Code("LDB005", "The file holds no NUL byte"),
    Code("LDB006", "Each row has as many cells as the header"),
    Code("LDB007", "The header names each column once"),
    Code("LDB008", "Every column of the descriptor is in the file"),
    Code("LDB009", "Every column of the file is in the descriptor"),
    Code("LDB010", "The file is not empty"),
    Code("LDB011", "The file's path stays inside the package"),
    Code("LDB012", "Cells are parted by the delimiter that the descriptor names"),
    Code("LDB013", "The descriptor follows the Data Package standard"),
    Code("LDB014", "No cell is longer than the limit"),
    Code("LDB015", "The columns stand in the order of the fields"),
    Code("LDB016", "Every quote is closed"),
    Code("LDB017", "The file has the size that the descriptor says"),
    Code("LDB018", "The file has the hash that the descriptor says"),
    Code("LDB019", "What the descriptor says of a table can be used"),
    Code("LDB020", "A cell has the form of its column's type"),
    Code("LDB021", "A required cell is filled"),
    Code("LDB022", "A value of a unique column stands on one row"),
    Code("LDB023", "A cell is one of the values its column allows"),
    Code("LDB024", "A cell has the form its column's pattern asks for"),
    Code("LDB025", "A value is not below its minimum"),
    Code("LDB026", "A value is not above its maximum"),
    Code("LDB027", "A value is above its exclusive minimum"),
    Code("LDB028", "A value is below its exclusive maximum"),
    Code("LDB029", "A value is not shorter than its minimal length"),
    Code("LDB030", "A value is not longer than its maximal length"),
    Code("LDB031", "A primary key stands on one row"),
    Code("LDB032", "A unique key stands on one row"),
    Code("LDB033", "A key to a table of the same package finds its row"),
    Code("LDB034", "A key to a table of another package finds its row"),
    Code("LDB035", "A cell is one of its column's categories"),
    Code("LDB036", "A JSON value fits its column's JSON Schema"),
    Code("LDB037", "Text has its column's format"),
    Code("LDB038", "Constraints, categories and formats of a field can be used"),
    Code("LDB041", "A cell of a workbook holds what was typed, not what Excel made of it"),
    Code("LDB042", "A cell of a workbook is no formula and no error"),
    Code("LDB043", "A sheet of a workbook has one header, and no merged cells"),
    Code("LDB901", "A waiver matches a finding"),
)


@cache
def known() -> MappingProxyType[str, Code]:
    """Give every code by its name, in order."""
    rules = (Code(rule.code, rule.title, rule.severity, rule.reason) for rule in RULES)
    return MappingProxyType({code.code: code for code in sorted((*CODES, *rules), key=lambda c: c.code)})


def unknown(wanted: Iterable[str]) -> list[str]:
    """Give what is neither a code nor the beginning of one."""
    codes = tuple(known())
    return [word for word in wanted if not any(code.startswith(word) for code in codes)]
