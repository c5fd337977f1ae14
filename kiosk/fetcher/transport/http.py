"""A source behind http or https: read only, with conditional requests.

Invariant: TLS certificates are verified, redirects stay on the host (and never leave https), and the length of an
answer is known before its first byte is read. HTTP_PROXY, HTTPS_PROXY and NO_PROXY are honoured.

aiohttp, the client that fsspec's http file system is built on, is used without that file system, which reads whole
bodies whatever their size, follows every redirect and sends no conditions.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import aiohttp

from kiosk.fetcher.index_file import HintedFile
from kiosk.fetcher.transport.base import CHUNK_BYTES, Fetched, NotThere, NotWritable, SourceError, TooLarge

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AGENT = "wheel-fetch"


class Http:
    """A web server.

    Args:
        url: of the folder; ends with a slash.
        timeout_s: for each file, from the request to the last byte.
        headers: that authorise us; sent to this host only.
    """

    def __init__(self, url: str, *, timeout_s: float, headers: Mapping[str, str]) -> None:
        self._url = url
        self._host = urlsplit(url).hostname or ""
        self._timeout_s = timeout_s
        self._headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity", **headers}
        self._runner: asyncio.Runner | None = None
        self._session: aiohttp.ClientSession | None = None

    def fetch(self, name: str, *, limit: int, known: str = "") -> Fetched | None:
        """See `Transport`."""
        self._runner = self._runner or asyncio.Runner()
        try:
            return self._runner.run(self._fetch(name, limit, known))
        except TimeoutError as error:
            raise SourceError(f"{self._host} did not send {name} within {self._timeout_s:g} s.") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise SourceError(
                f"The certificate of {self._host} cannot be verified.",
                remedy="Check the kiosk's clock and the server's certificate.",
            ) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, SourceError):
                raise
            self.close()
            raise SourceError(f"{self._host} could not be asked for {name}: {_reason(error)}.") from error

    def listing(self, folder: str = "") -> tuple[HintedFile, ...] | None:
        """See `Transport`: a web server cannot list."""
        del folder
        return None

    def write(self, name: str, data: bytes) -> None:
        """See `Transport`: a web server takes nothing."""
        del data
        raise NotWritable(f"{self._host} is a web server, which takes no {name}.")

    def close(self) -> None:
        """See `Transport`."""
        runner, session, self._runner, self._session = self._runner, self._session, None, None
        if runner is None:
            return
        with runner:
            if session is not None:
                runner.run(session.close())

    async def _fetch(self, name: str, limit: int, known: str) -> Fetched | None:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._timeout_s)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(
                timeout=timeout, trust_env=True, auto_decompress=False, cookie_jar=jar
            )
        headers = self._headers | ({"If-None-Match": known} if known else {})
        url = urljoin(self._url, name)
        async with asyncio.timeout(self._timeout_s):
            for _ in range(_MOST_REDIRECTS + 1):
                async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
                    if answer.status not in _REDIRECTS:
                        return await self._body(answer, name, limit)
                    url = self._redirected(url, answer.headers.get("Location", ""))
        raise SourceError(f"{self._host} redirects {name} more than {_MOST_REDIRECTS} times.")

    def _redirected(self, url: str, location: str) -> str:
        before, after = urlsplit(url), urlsplit(urljoin(url, location))
        if after.hostname != before.hostname or after.username is not None or after.port != before.port:
            to_https = before.scheme == "http" and after.scheme == "https" and after.hostname == before.hostname
            if not to_https or after.username is not None:
                raise SourceError(f"{self._host} redirects to another host, which is not followed.")
        if after.scheme not in {"http", "https"} or (before.scheme, after.scheme) == ("https", "http"):
            raise SourceError(f"{self._host} redirects away from https, which is not followed.")
        return after.geturl()

    async def _body(self, answer: aiohttp.ClientResponse, name: str, limit: int) -> Fetched | None:
        if answer.status == 304:
            return None
        if answer.status in {404, 410}:
            raise NotThere(f"{self._host} has no {name}.")
        if answer.status != 200:
            raise SourceError(f"{self._host} answered {answer.status} for {name}.")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise SourceError(f"{self._host} compresses {name}, which was not asked for.")
        size = answer.content_length
        if size is None or size > limit:
            said = "does not say how large" if size is None else f"has {size} bytes of"
            raise TooLarge(f"{self._host} {said} {name}{' is' if size is None else f', at most {limit} are read'}.")
        data = bytearray()
        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
            data += chunk
            if len(data) > size:
                raise SourceError(f"{self._host} sent more of {name} than it said.")
        if len(data) != size:
            raise SourceError(f"{self._host} sent {len(data)} of {size} bytes of {name}.")
        # Not strong: nginx and Apache make the tag of the file's time and size. A Last-Modified is no version: to
        # If-Modified-Since a server whose clock was set back answers 304, whatever was published since.
        return Fetched(bytes(data), answer.headers.get("ETag", ""), strong=False)


def _reason(error: Exception) -> str:
    """Return what went wrong: an operating system's words, or else what kind of thing it was."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    words = cause.strerror if isinstance(cause, OSError) else None
    return words or type(error).__name__
