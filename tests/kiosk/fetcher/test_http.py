"""The way over http, against a real server on loopback that misbehaves."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.errors import UsageError
from kiosk.fetcher.index_file import INDEX_NAME
from kiosk.fetcher.pacing import Pacing
from kiosk.fetcher.source import Source
from kiosk.fetcher.transport.base import NotThere, NotWritable, SourceError, TooLarge, Transport
from kiosk.fetcher.transport.credentials import NONE, Credential, load_credential
from kiosk.fetcher.transport.opening import open_transport
from tests.kiosk.fetcher.web import Web, web_server
from tests.kiosk.fetcher.world import Publisher, check_home, index_of, new_home
from tests.support import snapshot

LIMIT = 1000


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as server:
        yield server


@contextmanager
def reached(url: str, *, timeout_s: float = 5, credential: Credential = NONE) -> Iterator[Transport]:
    transport = open_transport(url, timeout_s=timeout_s, clock=ManualClock(), credential=credential)
    try:
        yield transport
    finally:
        transport.close()


@pytest.mark.slow
def test_fetches_a_file_and_asks_again_only_whether_it_changed(web: Web) -> None:
    web.files["a"] = b"one"
    with reached(web.url) as transport:
        first = transport.fetch("a", limit=LIMIT)
        assert first is not None
        assert first.data == b"one"
        assert transport.fetch("a", limit=LIMIT, known=first.version) is None
        assert web.asked[-1] == ("a", 304)


@pytest.mark.slow
def test_a_server_without_tags_is_asked_for_the_whole_file_each_time(web: Web) -> None:
    web.files["a"] = b"one"
    web.tags = False
    with reached(web.url) as transport:
        first = transport.fetch("a", limit=LIMIT)
        assert first is not None
        assert first.version == ""
        assert transport.fetch("a", limit=LIMIT, known=first.version) is not None


def test_a_missing_file_is_said_to_be_missing(web: Web) -> None:
    with reached(web.url) as transport, pytest.raises(NotThere, match=r"127\.0\.0\.1 has no a\."):
        transport.fetch("a", limit=LIMIT)


def test_a_web_server_neither_lists_nor_takes_files(web: Web) -> None:
    with reached(web.url) as transport:
        assert transport.listing() is None
        with pytest.raises(NotWritable):
            transport.write("a", b"")


def answering(status: int, *headers: tuple[str, str], body: bytes = b"") -> object:
    def answer(handler: BaseHTTPRequestHandler, path: str) -> bool:
        handler.send_response(status)
        for header in headers:
            handler.send_header(*header)
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True
        return True

    return answer


@pytest.mark.parametrize(
    ("answer", "error", "match"),
    [
        (answering(500, ("Content-Length", "0")), SourceError, "answered 500"),
        (answering(200, ("Content-Length", "1001")), TooLarge, "1001 bytes"),
        (answering(200, ("Transfer-Encoding", "chunked"), body=b"1\r\na\r\n"), TooLarge, "does not say how large"),
        (answering(200, ("Content-Length", "9"), body=b"short"), SourceError, "could not be asked"),
        (answering(200, ("Content-Length", "4"), ("Content-Encoding", "gzip"), body=b"bomb"), SourceError, "compress"),
        (answering(302, ("Location", "http://localhost:1/a")), SourceError, "another host"),
        (answering(302, ("Location", "//example.org/a")), SourceError, "another host"),
        (answering(302, ("Location", "http://u:p@127.0.0.1/a")), SourceError, "another host"),
        (answering(302, ("Location", "file:///etc/passwd")), SourceError, "another host"),
        (answering(302, ("Location", "/again")), SourceError, "more than 5 times"),
        (answering(200, ("X", "y" * 100_000)), SourceError, "could not be asked"),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error_with_a_reason(
    answer: object, error: type[SourceError], match: str, web: Web
) -> None:
    web.odd = answer  # type: ignore[assignment]
    with reached(web.url) as transport, pytest.raises(error, match=match):
        transport.fetch("a", limit=LIMIT)


def test_a_redirect_on_the_same_host_is_followed(web: Web) -> None:
    web.files["b"] = b"moved"

    def redirect(handler: BaseHTTPRequestHandler, path: str) -> bool:
        return path == "a" and bool(answering(301, ("Location", "/b"), ("Content-Length", "0"))(handler, path))  # type: ignore[operator]

    web.odd = redirect
    with reached(web.url) as transport:
        found = transport.fetch("a", limit=LIMIT)
    assert found is not None
    assert found.data == b"moved"


def test_a_body_that_drips_ends_with_the_time_out(web: Web) -> None:
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler, path: str) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        try:
            while not stop.wait(0.02):
                handler.wfile.write(b".")
        except OSError:
            pass
        return True

    web.odd = drip
    with reached(web.url, timeout_s=0.3) as transport, pytest.raises(SourceError, match=r"within 0\.3 s"):
        transport.fetch("a", limit=LIMIT)
    stop.set()


def test_a_server_that_is_away_is_an_error_and_is_asked_again_later(web: Web) -> None:
    with reached("http://127.0.0.1:1/") as transport:
        for _ in range(2):
            with pytest.raises(SourceError, match="Connect"):
                transport.fetch("a", limit=LIMIT)


def test_the_environments_proxy_is_used_and_no_proxy_bypasses_it(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", web.url)
    web.files["http://wheel.invalid/a"] = b"by proxy"
    with reached("http://wheel.invalid/") as transport:
        found = transport.fetch("a", limit=LIMIT)
    assert found is not None
    assert found.data == b"by proxy"

    monkeypatch.setenv("no_proxy", "wheel.invalid")
    with reached("http://wheel.invalid/") as transport, pytest.raises(SourceError):
        transport.fetch("a", limit=LIMIT)


@pytest.mark.parametrize(
    ("credential", "header"),
    [(Credential(token="t0ken"), "Bearer t0ken"), (Credential(user="u", password="p"), "Basic dTpw")],  # noqa: S106
)
def test_a_credential_is_sent_and_never_shown(credential: Credential, header: str, web: Web) -> None:
    with reached(web.url, credential=credential) as transport, pytest.raises(NotThere) as raised:
        transport.fetch("a", limit=LIMIT)

    assert web.seen["Authorization"] == header
    assert "t0ken" not in f"{raised.value}{credential!r}{credential}"


def test_a_url_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(UsageError) as raised:
        open_transport("https://u:s3cret@example.org/", timeout_s=1, clock=ManualClock())

    assert "s3cret" not in str(raised.value)


def test_credentials_come_from_systemd_first_and_from_private_files_only(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    home.credentials.mkdir()
    own = home.credentials / "hall"
    own.write_text('token = "s3cret"')
    own.chmod(0o644)
    with pytest.raises(UsageError, match="Others may read"):
        load_credential("hall", home, {})
    own.chmod(0o600)
    assert load_credential("hall", home, {}).token == "s3cret"  # noqa: S105 - invented
    (tmp_path / "hall").write_text('token = "systemd"')
    assert load_credential("hall", home, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).token == "systemd"  # noqa: S105 - invented
    for wrong in ("../hall", "other"):
        with pytest.raises(UsageError):
            load_credential(wrong, home, {})
    for text in ("token = s3cret", 'tokn = "s3cret"', "token = 3"):
        own.write_text(text)
        with pytest.raises(UsageError) as raised:
            load_credential("hall", home, {})
        assert "s3cret" not in str(raised.value)


class Crowd:
    """Many fetchers on one simulated clock, over real http."""

    def __init__(self, root: Path, url: str, count: int, *, every_s: float) -> None:
        self.clock = ManualClock()
        self.requests: list[float] = []
        self.arrived: dict[str, float] = {}
        self.homes = [new_home(root / str(number)) for number in range(count)]
        self.sources = [
            Source(
                home,
                url,
                open_transport(url, timeout_s=5, clock=self.clock),
                pacing=Pacing(every_s=every_s, random=random.Random(number).random, now_ns=0),  # noqa: S311
                clock=self.clock,
            )
            for number, home in enumerate(self.homes)
        ]

    @property
    def now_s(self) -> float:
        return self.clock.monotonic_ns() / NS_PER_S

    def run(self, seconds: float) -> list[float]:
        """Let simulated time pass; returns when polls happened."""
        polls, until = [], self.clock.monotonic_ns() + round(seconds * NS_PER_S)
        while True:
            source = min(self.sources, key=lambda one: one.pacing.due_ns)
            if source.pacing.due_ns > until:
                break
            self.clock.advance_ns(source.pacing.due_ns - self.clock.monotonic_ns())
            source.poll()
            polls.append(self.now_s)
        self.clock.advance_ns(until - self.clock.monotonic_ns())
        return polls

    def holding(self, name: str) -> int:
        return sum((home.snapshots / name).exists() for home in self.homes)

    def close(self) -> None:
        for source in self.sources:
            source.close()


def busiest_second(polls: list[float]) -> int:
    return max(sum(start <= poll < start + 1 for poll in polls) for start in polls)


@pytest.mark.slow
def test_fifty_kiosks_converge_without_a_herd(web: Web, tmp_path: Path) -> None:
    crowd = Crowd(tmp_path, web.url, 50, every_s=5)
    publisher = Publisher(web.files.__setitem__)
    publisher.publish(snapshot(1))
    polls = crowd.run(30)
    assert crowd.holding("snapshot-000001.json") == 50
    assert len(polls) <= 50 * 30 / 4 + 50
    assert busiest_second(polls) <= 30

    publisher.publish(snapshot(2))
    before = len(web.asked)
    crowd.run(5)
    assert crowd.holding("snapshot-000002.json") == 50
    assert len(web.asked) - before <= 50 * (2 + 3)

    web.odd = answering(503, ("Content-Length", "0"))  # type: ignore[assignment]
    outage = crowd.run(900)
    web.odd = None
    publisher.publish(snapshot(3))
    back = crowd.run(300)
    assert crowd.holding("snapshot-000003.json") == 50
    assert busiest_second(back) <= 30
    assert len(outage) <= 50 * 20
    for home in crowd.homes:
        check_home(home)
    crowd.close()


def test_two_lists_of_one_second_arrive_though_their_indexes_share_a_tag(web: Web, tmp_path: Path) -> None:
    """Nginx makes the tag of the file's second and size, and calls it a strong one."""
    web.tag = lambda data: f'"6926f0c1-{len(data):x}"'
    crowd = Crowd(tmp_path, web.url, 1, every_s=0.2)
    publisher = Publisher(web.files.__setitem__)
    publisher.publish(snapshot(1))
    crowd.run(0.5)
    size = len(web.files[INDEX_NAME])
    publisher.files.clear()
    publisher.publish(snapshot(2))
    assert len(web.files[INDEX_NAME]) == size
    crowd.run(0.5)

    assert crowd.holding("snapshot-000002.json") == 1
    crowd.run(10)
    assert web.asked[-1] == (INDEX_NAME, 304)
    crowd.close()


def test_a_servers_clock_that_was_set_back_hides_no_list(web: Web, tmp_path: Path) -> None:
    web.tags = False
    crowd = Crowd(tmp_path, web.url, 1, every_s=5)
    publisher = Publisher(web.files.__setitem__)
    publisher.publish(snapshot(1))
    crowd.run(60)
    web.modified -= 3600
    publisher.publish(snapshot(2))
    crowd.run(10)

    assert crowd.holding("snapshot-000002.json") == 1
    crowd.close()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts handles in /proc")
def test_failures_leave_no_thread_and_no_handle_behind(web: Web, tmp_path: Path) -> None:
    """Good and bad answers in turn: what a fetcher holds after 300 polls is what it held after the first ones."""
    crowd = Crowd(tmp_path, web.url, 1, every_s=0.2)
    publisher = Publisher(web.files.__setitem__)
    publisher.publish(snapshot(1))
    odd = [
        None,
        answering(503, ("Content-Length", "0")),
        answering(200, ("Content-Length", "9"), body=b"short"),
        answering(302, ("Location", "http://localhost:1/a"), ("Content-Length", "0")),
    ]
    held = []
    for number in range(300):
        web.odd = odd[number % len(odd)]  # type: ignore[assignment]
        crowd.sources[0].poll()
        if number % 100 == 11:
            time.sleep(0.2)  # the server's threads end by themselves
            held.append(sum(1 for _ in Path("/proc/self/fd").iterdir()))
    assert max(held) - min(held) <= 4
    assert sum(thread.name == "source" for thread in threading.enumerate()) == 0
    crowd.close()


def test_an_index_with_true_hints_is_what_publish_writes() -> None:
    assert b'"sha256"' in index_of({"snapshot-000001.json": b"x"})
