"""Opens addresses for downloads: a server may not keep a user waiting, nor send them elsewhere than to the web."""

import socket
import threading
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

_WEB = ("http", "https")
_UNSAID = 30.0
"""Seconds for an answer where a request has no timeout."""


def web_opener() -> OpenerDirector:
    """Return what opens addresses.

    An answer has to be there, with all its headers, within the timeout of its request, which else would count for each byte
    alone. Redirects lead to http and https alone, and from https to https.
    """
    return build_opener(_Redirects, _Http, _Https)


def without_secrets(url: str) -> str:
    """Return an address as it may be shown: users, passwords and what follows a question mark may be secrets.

    Example:
        >>> without_secrets("https://me:word@example.org/net.pth?token=1"), without_secrets("file:///net.pth")
        ('https://...@example.org/net.pth?...', 'file:///net.pth')
    """
    before, mark, _ = url.partition("?")
    scheme, slashes, rest = before.partition("://")
    place, slash, path = rest.partition("/")
    user, at, host = place.rpartition("@")
    return f"{scheme}{slashes}{'...' if user else ''}{at}{host}{slash}{path}{'?...' if mark else ''}"


class _Redirects(HTTPRedirectHandler):
    """Follows redirects, but not from https to what others can read and change, nor out of the web."""

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        """Return the request for another address.

        Raises:
            URLError: it is not as safe as the one before.
        """
        before, after = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if after not in _WEB or (before == "https" and after != "https"):
            raise URLError(f"the server sends on from {before} to {without_secrets(newurl)}, which is refused")
        fp.close()  # Else urllib would read into memory what comes with the redirect, which may not end.
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _InTime(HTTPConnection):
    """A connection whose answer has to be there in time, as a whole."""

    def getresponse(self) -> HTTPResponse:
        """Return the answer.

        Raises:
            TimeoutError: it is not there in time.
        """
        late = threading.Event()
        seconds = self.timeout if isinstance(self.timeout, int | float) else _UNSAID  # urllib has an object for none.
        timer = threading.Timer(seconds, partial(_cut, self.sock, late))
        timer.daemon = True
        timer.start()
        answer, error = None, None
        try:
            answer = super().getresponse()
        except Exception as raised:  # Whatever the closed connection makes of it.
            error = raised
        finally:
            timer.cancel()
        if late.is_set():  # Also where what was there by then is taken for the whole.
            raise TimeoutError(f"no whole answer within {seconds:g} seconds") from error
        if answer is None:
            raise error or ConnectionError("no answer")
        return answer


class _InTimeSafely(_InTime, HTTPSConnection):
    """The same, encrypted."""


class _Http(HTTPHandler):
    def http_open(self, req: Request) -> Any:
        """Open an address of http."""
        return self.do_open(_InTime, req)


class _Https(HTTPSHandler):
    def https_open(self, req: Request) -> Any:
        """Open an address of https."""
        return self.do_open(_InTimeSafely, req)


def _cut(connection: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError, ValueError):
        connection.shutdown(socket.SHUT_RDWR)
