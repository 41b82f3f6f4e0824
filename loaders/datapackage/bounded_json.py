"""Read untrusted JSON with limits on size, depth and the digits of a number; reject text that UTF-8 cannot encode."""

from __future__ import annotations

import json
from typing import Any

from luminaldb.errors import DescriptorError
from luminaldb.issues import Place

MAX_BYTES = 64 * 1024**2
MAX_DEPTH = 200


def read_json(data: bytes, subject: str) -> Any:
    """Parse JSON in UTF-8.

    Args:
        data: the bytes.
        subject: name of the file, for messages.

    Raises:
        DescriptorError: it isn't UTF-8, isn't JSON, or exceeds `MAX_BYTES` or `MAX_DEPTH`.
    """
    if len(data) > MAX_BYTES:
        raise DescriptorError(
            f"over {MAX_BYTES // 1024**2} MiB of JSON", subject=subject, hint="store the rows in a CSV"
        )
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DescriptorError(
            f"not UTF-8 at byte {error.start}", subject=subject, hint="save the file as UTF-8"
        ) from None
    except json.JSONDecodeError as error:
        place = Place(file=subject, line=error.lineno)
        position = f"{subject}:{error.lineno}:{error.colno}"
        raise DescriptorError(f"not JSON ({error.msg})", subject=position, place=place) from None
    except RecursionError:
        raise DescriptorError("JSON nested too deeply", subject=subject) from None
    except ValueError:
        raise DescriptorError("a number with thousands of digits", subject=subject) from None
    _check_depth(value, subject)
    return value


def parse_strict_json(text: str) -> Any:
    """Parse a cell as JSON; refuse NaN and Infinity, which Python accepts and JSON does not allow.

    Raises:
        ValueError: it isn't JSON, or nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _check_depth(value: Any, subject: str) -> None:
    """Raise if a value is nested too deeply, or has a lone surrogate, which UTF-8 cannot encode; without recursion."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise DescriptorError("JSON nested too deeply", subject=subject)
        next_level: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                next_level += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                next_level += item
            elif isinstance(item, str) and not item.isascii():
                try:
                    item.encode()
                except UnicodeEncodeError:
                    raise DescriptorError(f"text that is not Unicode: {ascii(item)[:60]}", subject=subject) from None
        level = next_level
