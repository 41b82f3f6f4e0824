"""The codes of issues of files, descriptors, columns and keys; a consistency rule has its own in `schemas.rules`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A code of issues.

    Attributes:
        code: never changed or reused.
        title: what is true if there is no such issue.
        severity: `error` fails a validation, `warning` doesn't; a rule may say otherwise of one issue.
        reason: why a row that breaks it is wrong; empty where the title says it all.
    """

    code: str
    title: str
    severity: str = "error"
    reason: str = ""


CODES: dict[str, Code] = {}


def _define(code: str, title: str) -> str:
    CODES[code] = Code(code, title)
    return code


UNREADABLE_FILE = _define("LDB001", "The file is there and can be read")
WRONG_ENCODING = _define("LDB002", "The bytes are of the file's encoding")
BYTE_ORDER_MARK = _define("LDB003", "A UTF-8 file starts without a byte order mark")
WRONG_LINE_ENDS = _define("LDB004", "Lines end as the descriptor says")
NUL_BYTE = _define("LDB005", "The file contains no NUL byte")
RAGGED_ROW = _define("LDB006", "Each row has as many cells as the header")
REPEATED_COLUMN = _define("LDB007", "The header names each column once")
MISSING_COLUMN = _define("LDB008", "Every column of the descriptor is in the file")
UNKNOWN_COLUMN = _define("LDB009", "Every column of the file is in the descriptor")
EMPTY_FILE = _define("LDB010", "The file is not empty")
UNSAFE_PATH = _define("LDB011", "The file's path stays inside the package")
WRONG_DELIMITER = _define("LDB012", "Cells are separated by the delimiter that the descriptor names")
BROKEN_STANDARD = _define("LDB013", "The descriptor follows the Data Package standard")
LONG_CELL = _define("LDB014", "No cell is longer than the limit")
WRONG_ORDER = _define("LDB015", "The columns are in the order of the fields")
MALFORMED_FILE = _define("LDB016", "Every quote is closed")
WRONG_SIZE = _define("LDB017", "The file has the size that the descriptor says")
WRONG_HASH = _define("LDB018", "The file has the hash that the descriptor says")
UNUSABLE_RESOURCE = _define("LDB019", "What the descriptor says of a table can be used")
WRONG_TYPE = _define("LDB020", "A cell has the form of its column's type")
EMPTY_CELL = _define("LDB021", "A required cell is filled")
REPEATED_VALUE = _define("LDB022", "A value of a unique column occurs on one row")
NOT_IN_ENUM = _define("LDB023", "A cell is one of the values its column allows")
WRONG_PATTERN = _define("LDB024", "A cell has the form its column's pattern asks for")
BELOW_MINIMUM = _define("LDB025", "A value is not below its minimum")
ABOVE_MAXIMUM = _define("LDB026", "A value is not above its maximum")
NOT_ABOVE_MINIMUM = _define("LDB027", "A value is above its exclusive minimum")
NOT_BELOW_MAXIMUM = _define("LDB028", "A value is below its exclusive maximum")
TOO_SHORT = _define("LDB029", "A value is not shorter than its minimal length")
TOO_LONG = _define("LDB030", "A value is not longer than its maximal length")
REPEATED_PRIMARY_KEY = _define("LDB031", "A primary key occurs on one row")
REPEATED_UNIQUE_KEY = _define("LDB032", "A unique key occurs on one row")
UNKNOWN_KEY = _define("LDB033", "A key to a table of the same package finds its row")
UNKNOWN_REFERENCE = _define("LDB034", "A key to a table of another package finds its row")
NOT_A_CATEGORY = _define("LDB035", "A cell is one of its column's categories")
WRONG_JSON = _define("LDB036", "A JSON value fits its column's JSON Schema")
WRONG_FORMAT = _define("LDB037", "Text has its column's format")
UNUSABLE_FIELD = _define("LDB038", "Constraints, categories and formats of a field can be used")
MERGE_CONFLICT = _define("LDB039", "No conflict of a merge is left in the file")
REPEATED_HEADER = _define("LDB045", "Only the first file of a table has its header")
BLANK_ROW = _define("LDB046", "No row is blank")
BROKEN_CHECK = _define("LDB044", "A frame passes the checks of its pandera schema")
NOT_VALIDATED = _define("LDB040", "What was named can be opened and validated")
CHANGED_BY_EXCEL = _define("LDB041", "A cell of a workbook holds what was typed, not what Excel made of it")
NOT_A_VALUE = _define("LDB042", "A cell of a workbook is no formula and no error")
WRONG_SHEET = _define("LDB043", "A sheet of a workbook has one header, and no merged cells")
STALE_WAIVER = _define("LDB901", "A waiver matches a finding")
