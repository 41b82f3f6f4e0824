"""Collect the errors of a descriptor, so that all of them are reported and not only the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from luminaldb.errors import DescriptorError, LuminaldbError
from luminaldb.issues import Issue

T = TypeVar("T")
S = TypeVar("S")


class ErrorCollector:
    """The errors of a resource or of one of its fields, each once."""

    def __init__(self, subject: str, column: str = "") -> None:
        """Start without errors.

        Args:
            subject: the resource or the field, with which the text of an error begins.
            column: the name of the field.
        """
        self._subject = subject
        self._column = column
        self._issues: dict[Issue, None] = {}
        self._first: LuminaldbError | None = None

    def add(self, message: str, *, what: str = "", hint: str = "") -> None:
        """Add an error; `what` is the property that it is about, if the message doesn't name it."""
        subject = f"{self._subject}: {what}" if what else self._subject
        self._keep(DescriptorError(message, subject=subject, hint=hint))

    def attempt(self, parse: Callable[[], T], default: S) -> T | S:
        """Return the parsed value; if parsing raises, keep the error and return the default."""
        try:
            return parse()
        except LuminaldbError as error:
            self._keep(error)
            return default

    def _keep(self, error: LuminaldbError) -> None:
        self._first = self._first or error
        for issue in issues_with_subject(error):
            self._issues[issue.at(column=issue.column or self._column)] = None

    def raise_all(self) -> None:
        """Raise the errors as one, whose text is that of the first.

        Raises:
            DescriptorError: something was wrong.
        """
        if self._first is not None:
            error = DescriptorError.caused_by(self._first, "")
            error.issues = tuple(self._issues)
            raise error


def issues_with_subject(error: LuminaldbError) -> list[Issue]:
    """Return the issues of an error, their messages beginning with its subject."""
    before = f"{error.subject}: " if error.subject else ""
    return [replace(issue, message=before + issue.message) for issue in error.issues]
