"""What goes wrong when something is fetched, each in one line, whoever fetches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from luminaldb.errors import LuminaldbError

HEADERS = {"User-Agent": "luminaldb (https://pypi.org/project/luminaldb/)", "Accept-Encoding": "identity"}


@contextmanager
def told(url: str, kind: type[LuminaldbError], hint: str, wait: float) -> Iterator[None]:
    """Say in one line what went wrong on the way.

    Args:
        url: what is fetched.
        kind: of the error to raise.
        hint: what a user can do.
        wait: seconds after which a silent server counts as gone.
    """
    from requests import exceptions

    try:
        yield
    except exceptions.HTTPError as error:
        status = error.response.status_code if error.response is not None else "no answer"
        raise kind(f"the server answers {status}", where=url, hint=hint) from None
    except exceptions.Timeout:
        raise kind(f"no answer within {wait:.0f} s", where=url, hint=hint) from None
    except (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError):
        raise kind("breaks off before its end; nothing was kept", where=url, hint=hint) from None
    except exceptions.ConnectionError as error:
        # requests wraps a read timeout amid the body in a ConnectionError.
        if "timed out" in str(error):
            raise kind(f"no answer within {wait:.0f} s", where=url, hint=hint) from None
        raise kind("can't be reached", where=url, hint=f"is there a network? Otherwise {hint}") from None
    except (exceptions.RequestException, UnicodeError) as error:
        raise kind(f"can't be fetched ({type(error).__name__})", where=url, hint=hint) from None
