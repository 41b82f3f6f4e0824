"""Collect what is wrong with a description, so that all of it is named and not only the first fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from luminaldb.errors import DescriptorError, LuminaldbError
from luminaldb.issues import Issue

T = TypeVar("T")
S = TypeVar("S")


class FaultList:
    """The faults of a resource or of one of its fields, each once."""

    def __init__(self, subject: str, column: str = "") -> None:
        """Start a list.

        Args:
            subject: the resource or the field, with which the text of a fault begins.
            column: the name of the field.
        """
        self._subject = subject
        self._column = column
        self._issues: dict[Issue, None] = {}
        self._first: LuminaldbError | None = None

    def add(self, message: str, *, what: str = "", hint: str = "") -> None:
        """Add a fault; `what` is the property that it is about, where the message doesn't say it."""
        subject = f"{self._subject}: {what}" if what else self._subject
        self._keep(DescriptorError(message, subject=subject, hint=hint))

    def attempt(self, parse: Callable[[], T], otherwise: S) -> T | S:
        """Return what is parsed, or something else where that raises, and keep the error."""
        try:
            return parse()
        except LuminaldbError as error:
            self._keep(error)
            return otherwise

    def _keep(self, error: LuminaldbError) -> None:
        self._first = self._first or error
        for issue in issues_within(error):
            self._issues[issue.at(column=issue.column or self._column)] = None

    def raise_all(self) -> None:
        """Raise the faults as one error, whose text is the first.

        Raises:
            DescriptorError: something was wrong.
        """
        if self._first is not None:
            error = DescriptorError.caused_by(self._first, "")
            error.issues = tuple(self._issues)
            raise error


def issues_within(error: LuminaldbError) -> list[Issue]:
    """Return the issues of an error whose messages begin with its place."""
    before = f"{error.subject}: " if error.subject else ""
    return [replace(issue, message=before + issue.message) for issue in error.issues]
