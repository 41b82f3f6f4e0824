"""What goes wrong when reading a package, each in one line that a curator understands."""


def plain(text: str) -> str:
    """Escape what can't be printed, so that a cell neither breaks a line nor sends commands to a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


class LuminaldbError(Exception):
    """Base of every error that luminaldb raises on purpose; its text is one line."""

    def __str__(self) -> str:
        """Give the text in one line, whatever a descriptor's names hold; a KeyError would print its repr."""
        return plain(" ".join(map(str, self.args)))


class UnknownTableError(LuminaldbError, KeyError):
    """No table has that name; the text names the nearest one."""


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
