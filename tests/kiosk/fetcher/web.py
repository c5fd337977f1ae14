"""A web server on loopback that answers as a test wants it to.

Invariant: it serves from memory, on a port of its own, and counts what it is asked.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kiosk.draw.protocol import digest

Answer = Callable[[BaseHTTPRequestHandler, str], bool]
"""Answers a request for a path by itself, and says whether it did."""


class Web:
    """The server's content and behaviour.

    Attributes:
        files: by path, without the first slash.
        odd: answers instead of the server, if it wants to.
        tags: whether answers have an ETag, or else a Last-Modified.
        tag: of an answer, from its bytes; nginx makes it of the file's second and size only.
        modified: what the server's clock said when its files were written, in seconds.
        asked: (path, status) of every request.
        seen: the headers of the last request.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.files: dict[str, bytes] = {}
        self.odd: Answer | None = None
        self.tags = True
        self.tag: Callable[[bytes], str] = lambda data: f'"{digest(data)[:16]}"'
        self.modified = 1_700_000_000.0
        self.asked: list[tuple[str, int]] = []
        self.seen: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Return the address of the folder that it serves."""
        return f"http://127.0.0.1:{self.port}/"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        path = handler.path.lstrip("/")
        self.seen = dict(handler.headers.items())
        if self.odd is not None and self.odd(handler, path):
            self.asked.append((path, 0))
            return
        data = self.files.get(path)
        status = 404 if data is None else 200
        tag, date = self.tag(data or b""), formatdate(self.modified, usegmt=True)
        since = handler.headers.get("If-Modified-Since")
        not_newer = since is not None and parsedate_to_datetime(since).timestamp() >= self.modified  # RFC 9110, 13.1.3
        if data is not None and (handler.headers.get("If-None-Match") == tag or not_newer):
            status = 304
        self.asked.append((path, status))
        handler.send_response(status)
        if data is not None:
            handler.send_header(*(("ETag", tag) if self.tags else ("Last-Modified", date)))
        body = data or b"" if status == 200 else b""
        if status != 304:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def web_server() -> Iterator[Web]:
    """Run a server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            web.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    web = Web(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
