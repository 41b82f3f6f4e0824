"""Errors that luminaldb raises on purpose: one line of text each, and what is wrong, where and the fix as issues."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Self

from .issue_codes import MALFORMED_FILE, UNSAFE_PATH, UNUSABLE_RESOURCE
from .issues import Issue, Place, printable, sentence

_USER_IN_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:/{1,2})[^\s/?#]*@")
_DATABASE_SCHEMES = ("sqlite:", "duckdb:")
_TABLE_PARAMETER = re.compile(r"(?<=[?&])table=[^&#]*")
_QUERY_OF_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:/{1,2}[^\s?#;,]*)[?#][^\s;,:]*")


def hide_secrets(text: str) -> str:
    """Leave user, password and query out of the addresses of a text: each of them may contain a token.

    The table of a database on this machine stays.

    Example:
        >>> from luminaldb.errors import hide_secrets
        >>> hide_secrets("https://me:secret@example.org/data?token=1: no such file")
        'https://…@example.org/data?…: no such file'
    """
    if ":/" not in text:
        return text
    return _QUERY_OF_ADDRESS.sub(_hide_query, _USER_IN_ADDRESS.sub(r"\1…@", text))


def _hide_query(match: re.Match[str]) -> str:
    address, query = match[1], match[0][len(match[1]) :]
    if not address.startswith(_DATABASE_SCHEMES):
        return f"{address}?…"
    table = _TABLE_PARAMETER.search(query)
    if table is None:
        return f"{address}?…" if query.startswith("?") else f"{address}{query}"
    return f"{address}?{'' if table[0] == query[1:] else '…&'}{table[0]}"


class LuminaldbError(Exception):
    """Base of every error that luminaldb raises on purpose; its text is one line.

    Attributes:
        issues: what is wrong, the first being what the text says.
        subject: the file, table or address that the message is about, with which the text begins; may be empty.
    """

    code: ClassVar[str] = ""

    def __init__(
        self,
        message: str = "",
        *,
        subject: str = "",
        hint: str = "",
        code: str = "",
        place: Place | None = None,
        issues: Sequence[Issue] = (),
    ) -> None:
        """Describe what is wrong.

        Args:
            message: what is wrong.
            subject: the file, table or address; the text begins with it.
            hint: what to do, as a clause; the text ends with it.
            code: of the issue, where it isn't the one of the class.
            place: of the issue, where there is more to say than `subject`.
            issues: what is wrong, where there are several, or the message says more than the issue.
        """
        message, subject, hint = hide_secrets(message), hide_secrets(subject), hide_secrets(hint)
        text = f"{subject}: {message}" if subject else message
        super().__init__(f"{text}; {hint}" if hint else text)
        issue = Issue(code or self.code, message, sentence(hint), place=place or Place(file=subject))
        self.subject = subject
        self.issues = tuple(issues) or (issue,)
        self._hint = hint

    @property
    def issue(self) -> Issue:
        """The first issue, which the message is about."""
        return self.issues[0]

    @classmethod
    def caused_by(cls, error: LuminaldbError, subject: str) -> Self:
        """Return another error as one of this class, about a subject that contains the other's."""
        inner = error.issue.message
        message = f"{error.subject}: {inner}" if error.subject else inner
        return cls(message, subject=subject, hint=error._hint)

    def within(self, subject: str) -> Self:
        """Copy the error with a place that contains its own: the file of the descriptor that names a resource."""
        return type(self).caused_by(self, subject)

    def __str__(self) -> str:
        """Return the text in one line, whatever a descriptor's names hold; a KeyError would print its repr."""
        return printable(" ".join(map(str, self.args)))


class UnknownTableError(LuminaldbError, KeyError):
    """No table has that name; the text names the nearest one."""


class UnsafePathError(LuminaldbError):
    """A path of a descriptor or an archive points outside its package."""

    code = UNSAFE_PATH


class DescriptorError(LuminaldbError):
    """A descriptor can't be read, or has a value that can't be used."""

    code = UNUSABLE_RESOURCE


class TableError(LuminaldbError):
    """A table's file isn't in the format that its descriptor declares."""

    code = MALFORMED_FILE


class MissingExtraError(LuminaldbError):
    """An optional library is needed and not installed."""


class ReleaseError(LuminaldbError):
    """A release can't be used: there is none of that version, or it can't be fetched, verified or stored."""


class RetiredIdWarning(UserWarning):
    """An id of a former release was asked for; the id that took its place was used."""
