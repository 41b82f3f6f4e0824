"""Requests to a public service: with a User-Agent, a rate limit, retries after a failure, and a cache."""

from __future__ import annotations

import datetime
import os
import sqlite3
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminaldb.errors import LuminaldbError, MissingExtraError

if TYPE_CHECKING:
    from requests import Response

# Seconds to connect, and to wait for the next bytes.
TIMEOUT = (10.0, 60.0)
# Retries, seconds before the second one (doubled each time), and the longest wait that a service may ask for.
RETRIES, BACKOFF, MAX_WAIT = 4, 1.0, 60.0
_STATUSES_TO_RETRY = (429, 500, 502, 503, 504)
_MAX_FAILURES_IN_A_ROW = 3
_CACHE_DURATION = datetime.timedelta(days=30)


class ServiceError(LuminaldbError):
    """A service can't be reached, fails, or sends a response that can't be read."""


class Client:
    """A client of one service.

    Attributes:
        name: name of the service, as messages print it.
        base: its address.
    """

    def __init__(
        self,
        name: str,
        base: str,
        *,
        per_second: float,
        contact: str = "",
        cache: Path | None = None,
        hours: float = 20,
    ) -> None:
        """Open a session.

        Args:
            name: name of the service, as messages print it.
            base: its address.
            per_second: the most requests in a second.
            contact: an e-mail address for the User-Agent, at which the service can reach the user; left out if empty.
            cache: folder of cached responses; None caches nothing.
            hours: how old a cached response may be.
        """
        self.name, self.base = name, base.rstrip("/")
        self.contact = contact
        self._failures = 0
        self._max_age = datetime.timedelta(hours=hours)
        self._cache = cache / f"{name.lower()}.sqlite" if cache else None
        self._session = _session(per_second, self._cache)
        agent = f"luminaldb/{version('luminaldb')} (evidence base; checks its citations for corrections"
        self._session.headers["User-Agent"] = f"{agent}; mailto:{contact})" if contact else f"{agent})"

    def get(self, path: str, parameters: Mapping[str, str]) -> Response | None:
        """Request a path; return None where the service answers 404.

        Raises:
            ServiceError: no answer that can be used, after all retries. Once that has happened three times in a
                row no more requests are sent.
        """
        import requests

        if self._failures >= _MAX_FAILURES_IN_A_ROW:
            raise ServiceError(f"{self.name} failed {self._failures} times in a row and was not requested again")
        try:
            response: Response = self._request(f"{self.base}{path}", parameters)
            if response.status_code == requests.codes.not_found:
                self._failures = 0
                return None
            response.raise_for_status()
        except requests.RequestException as error:
            self._failures += 1
            raise ServiceError(f"{self.name} at {self.base}: {_reason(error)}") from None
        self._failures = 0
        return response

    def _request(self, url: str, parameters: Mapping[str, str]) -> Any:
        options: dict[str, Any] = {"params": dict(parameters), "timeout": TIMEOUT}
        try:
            response = self._session.get(url, **options)
            cached_at = getattr(response, "created_at", None) if getattr(response, "from_cache", False) else None
            if cached_at is not None and datetime.datetime.now(datetime.UTC) - cached_at >= self._max_age:
                response = self._session.get(url, **options, force_refresh=True)
        except sqlite3.Error as error:
            raise _cache_error(self._cache, error) from None
        return response

    def close(self) -> None:
        """Close the connections and the cache's file."""
        self._session.close()


def base(name: str, default: str) -> str:
    """Return a service's address: the environment's, or the default."""
    return os.environ.get(f"LUMINALDB_{name.upper()}") or default


def _cache_error(cache: Path | None, error: Exception) -> LuminaldbError:
    return LuminaldbError(
        f"can't be used as a cache ({error})", subject=str(cache), hint="delete it, or name another by --cache"
    )


def _reason(error: Any) -> str:
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answers {error.response.status_code}"
    if isinstance(error, requests.exceptions.RetryError):
        return f"still fails after {RETRIES} retries"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"no answer within {TIMEOUT[1]:.0f} s"
    if isinstance(error, requests.ConnectionError):
        return "can't be reached"
    return f"the request failed ({type(error).__name__})"


def _session(per_second: float, cache: Path | None) -> Any:
    try:
        from requests import Session
        from requests.adapters import HTTPAdapter
        from requests_cache import CacheMixin
        from requests_ratelimiter import LimiterMixin
        from urllib3.util.retry import Retry
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{error.name} is not installed", hint="run: pip install 'luminaldb[sources]'"
        ) from None

    class RetryAfter(Retry):
        def get_retry_after(self, response: Any) -> float | None:
            seconds = super().get_retry_after(response)
            return None if seconds is None else min(seconds, MAX_WAIT)

    class LimitedSession(LimiterMixin, Session):
        pass

    class CachedSession(CacheMixin, LimiterMixin, Session):
        pass

    retries = RetryAfter(
        total=RETRIES,
        backoff_factor=BACKOFF,
        status_forcelist=_STATUSES_TO_RETRY,
        allowed_methods=("GET",),
        raise_on_status=False,
    )
    session: Any
    if cache is None:
        session = LimitedSession(per_second=per_second)
    else:
        try:
            cache.parent.mkdir(parents=True, exist_ok=True)
            session = CachedSession(
                cache_name=str(cache),
                backend="sqlite",
                expire_after=_CACHE_DURATION,
                allowable_codes=(200, 404),
                ignored_parameters=["email", "mailto", "tool"],
                per_second=per_second,
            )
        except OSError as error:
            raise LuminaldbError(
                f"{cache.parent}: can't be written ({error.strerror}); name another by --cache"
            ) from None
        except sqlite3.Error as error:
            raise _cache_error(cache, error) from None
    adapter = HTTPAdapter(max_retries=retries)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
