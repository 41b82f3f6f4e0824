"""What goes wrong when reading a package, each in one line that a curator understands."""


class LuminaldbError(Exception):
    """Base of every error that luminaldb raises on purpose; its text is one line."""


class UnknownTableError(LuminaldbError, KeyError):
    """No table has that name; the text names the nearest one."""

    def __str__(self) -> str:
        """Give the plain text: KeyError would print its repr."""
        return str(self.args[0])


class UnsafePathError(LuminaldbError):
    """A path of a descriptor or an archive leads out of its package."""


class DescriptorError(LuminaldbError):
    """A descriptor can't be read, or says something that can't be used."""


class TableError(LuminaldbError):
    """A table's file can't be read as its descriptor says."""


class MissingExtraError(LuminaldbError):
    """An optional library is needed and not installed."""


class ReleaseError(LuminaldbError):
    """A release can't be had: there is none of that version, or it can't be fetched, verified or kept."""


class RetiredIdWarning(UserWarning):
    """An id that a former release held was asked for; the id that took its place was given."""
