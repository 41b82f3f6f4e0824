"""Download over HTTP: bounded in size and time, and each failure explained in one line.

requests does the transfer. The bounds are ours: it has none for the size of an answer or the time of a whole transfer,
and neither has pooch, whose downloader is a call to requests.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from luminaldb.errors import LuminaldbError

if TYPE_CHECKING:
    from requests import Response

HEADERS = {"User-Agent": "luminaldb (https://pypi.org/project/luminaldb/)", "Accept-Encoding": "identity"}
# Seconds to connect, and to wait for the next bytes; seconds for a whole file.
TIMEOUT = (10.0, 30.0)
DEADLINE = 600.0
_BLOCK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Download:
    """What is downloaded, and how a failure is reported.

    Attributes:
        url: as the user knows it; an answer may come from another after a redirect.
        error: class of the error to raise.
        hint: what a user can do when it fails.
    """

    url: str
    error: type[LuminaldbError]
    hint: str

    def copy(self, response: Response, stream: IO[bytes], limit: int) -> int:
        """Copy an answer's body to a stream.

        Args:
            response: of requests, opened with `stream=True`.
            stream: to write to.
            limit: bytes to copy at most.

        Returns:
            How many bytes were copied.

        Raises:
            LuminaldbError: of the class `error`: the body is larger than the limit, or takes longer than DEADLINE.
        """
        too_large = self.failure(f"sends more than the {limit:,} bytes allowed")
        length = response.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise too_large
        deadline, size = time.monotonic() + DEADLINE, 0
        for block in response.iter_content(_BLOCK_BYTES):
            size += len(block)
            if size > limit:
                raise too_large
            if time.monotonic() > deadline:
                raise self.failure(f"not done after {DEADLINE:.0f} s")
            stream.write(block)
        return size

    def failure(self, message: str) -> LuminaldbError:
        """Build the error of a message, with the address before it and the hint after it."""
        return self.error(message, subject=self.url, hint=self.hint)

    @contextmanager
    def explain_failures(self) -> Iterator[None]:
        """Turn what requests raises into one line."""
        from requests import exceptions

        try:
            yield
        except exceptions.HTTPError as error:
            status = error.response.status_code if error.response is not None else "no answer"
            raise self.failure(f"the server answers {status}") from None
        except exceptions.Timeout:
            raise self._no_answer() from None
        except (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError):
            raise self.failure("breaks off before its end; nothing was kept") from None
        except exceptions.ConnectionError as error:
            # requests wraps a read timeout amid the body in a ConnectionError.
            if "timed out" in str(error):
                raise self._no_answer() from None
            raise self.error(
                "can't be reached", subject=self.url, hint=f"is there a network? Otherwise {self.hint}"
            ) from None
        except (exceptions.RequestException, UnicodeError) as error:
            raise self.failure(f"can't be fetched ({type(error).__name__})") from None

    def _no_answer(self) -> LuminaldbError:
        return self.failure(f"no answer within {TIMEOUT[1]:.0f} s")
