"""What the service manager hears, over a real socket."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.supervise.systemd_notify import Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(0)
        yield listening


def heard(manager: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(manager.recv(4096).decode())
        except BlockingIOError:
            return found


def test_each_word_is_one_datagram(manager: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname()})
    notifier.ready()
    notifier.alive()
    notifier.status("idle")
    notifier.starting_takes(30)
    notifier.stopping()
    notifier.close()

    assert heard(manager) == ["READY=1", "WATCHDOG=1", "STATUS=idle", "EXTEND_TIMEOUT_USEC=30000000", "STOPPING=1"]


def test_an_abstract_socket_is_found(manager: socket.socket) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as abstract:
        abstract.bind("")  # the kernel makes up a name
        abstract.settimeout(0)
        with closing(Notifier({"NOTIFY_SOCKET": "@" + abstract.getsockname()[1:].decode()})) as notifier:
            notifier.ready()
        assert heard(abstract) == ["READY=1"]


def test_a_status_is_one_line_and_said_when_it_changes(manager: socket.socket) -> None:
    """A list's title could hold a line break, and the next line would be another word to the manager."""
    with closing(Notifier({"NOTIFY_SOCKET": manager.getsockname()})) as notifier:
        for text in ("a\nWATCHDOG=1", "a\nWATCHDOG=1", "b"):
            notifier.status(text)
    assert heard(manager) == ["STATUS=a WATCHDOG=1", "STATUS=b"]


@pytest.mark.parametrize("address", ["", "vsock:2:1", "/nowhere/at/all"])
def test_a_manager_that_does_not_listen_stops_nothing(address: str) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": address} if address else {})
    notifier.ready()
    notifier.alive()
    notifier.close()
    notifier.alive()


def test_a_manager_that_does_not_read_blocks_nothing(manager: socket.socket) -> None:
    with closing(Notifier({"NOTIFY_SOCKET": manager.getsockname()})) as notifier:
        for _ in range(5000):
            notifier.alive()
    assert 0 < len(heard(manager)) < 5000
