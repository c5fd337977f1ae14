"""What ends the sleep of idle: threads, descriptors that can be read, and events that wait already."""

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.devices.wake import HintedWake, PlainWake, connections, input_devices, open_wake

LONG_S = 60
"""Longer than a test may take: a wait that nothing ends would be noticed."""


class Device:
    """A device that hints, on a pipe."""

    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()

    def event(self) -> None:
        os.write(self._writer, b"!")

    def read(self) -> None:
        os.read(self.reader, 1)

    def close(self) -> None:
        os.close(self.reader)
        os.close(self._writer)


class Queue:
    """Says whether an event waits already."""

    full = False


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    yield device
    device.close()


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def wake(device: Device, queue: Queue) -> Iterator[HintedWake]:
    wake = HintedWake(lambda: [device.reader], lambda: queue.full)
    yield wake
    wake.close()


@pytest.mark.parametrize("make", [PlainWake, lambda: HintedWake(list, lambda: False)])
def test_a_thread_ends_the_sleep_once(make: type[PlainWake]) -> None:
    wake = make()
    thread = threading.Timer(0.01, wake.set)
    thread.start()

    assert wake.wait(LONG_S)
    assert not wake.wait(0)
    thread.join()
    wake.close()


@pytest.mark.parametrize("make", [PlainWake, lambda: HintedWake(list, lambda: False)])
def test_what_was_set_before_the_sleep_ends_it_and_however_often(make: type[PlainWake]) -> None:
    wake = make()
    for _ in range(100_000):  # more than a pipe holds
        wake.set()

    assert wake.wait(LONG_S)
    while wake.wait(0):
        pass
    wake.close()


def test_an_event_of_a_device_ends_the_sleep(wake: HintedWake, device: Device) -> None:
    assert not wake.wait(0)
    threading.Timer(0.01, device.event).start()

    assert wake.wait(LONG_S)


def test_an_event_that_was_read_before_ends_the_sleep(wake: HintedWake, queue: Queue) -> None:
    """Drawing reads from the X server: no descriptor tells of what came with that."""
    queue.full = True

    assert wake.wait(LONG_S)


def test_a_device_that_nobody_reads_does_not_keep_the_loop_busy(wake: HintedWake, device: Device) -> None:
    device.event()
    begun, looks = time.monotonic(), 0
    while time.monotonic() - begun < 0.2:
        looks += wake.wait(LONG_S)

    assert 1 <= looks <= 12  # 25 a second, after the first few


def test_the_list_of_devices_is_kept_while_they_hint(device: Device) -> None:
    """It takes long where thousands of files are open, and a mouse hints all the time."""
    asked: list[int] = []

    def devices() -> list[int]:
        asked.append(device.reader)
        return [device.reader]

    wake = HintedWake(devices, lambda: False)
    device.event()
    for _ in range(5):
        wake.wait(LONG_S)

    assert len(asked) < 5
    wake.close()


def test_a_thread_ends_the_sleep_while_no_hint_counts(wake: HintedWake, device: Device) -> None:
    device.event()
    assert wake.wait(LONG_S)
    device.read()
    wake.set()

    assert wake.wait(LONG_S)


def test_a_device_that_was_closed_is_asked_for_again(queue: Queue) -> None:
    devices = [Device()]
    wake = HintedWake(lambda: [device.reader for device in devices], lambda: queue.full)
    assert not wake.wait(0)
    devices.pop().close()

    assert wake.wait(LONG_S)  # the descriptor is not open
    devices.append(Device())
    threading.Timer(0.05, devices[0].event).start()
    assert wake.wait(LONG_S)
    devices[0].close()
    wake.close()


def test_setting_a_wake_that_was_closed_does_nothing() -> None:
    wake = HintedWake(list, lambda: False)
    wake.close()

    wake.set()


def test_keyboards_and_gamepads_are_found_among_the_open_files(tmp_path: Path) -> None:
    opened = ("/dev/input/event4", "socket:[1]", "/dev/input/js0", "/dev/dri/card0", "/dev/hidraw3")
    for descriptor, target in enumerate(opened):
        (tmp_path / str(descriptor)).symlink_to(target)

    assert sorted(input_devices(tmp_path)) == [0, 2, 4]
    assert input_devices(tmp_path / "missing") == []


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets")
@pytest.mark.parametrize(("driver", "path"), [("x11", "/.X11-unix/X9"), ("wayland", "/user/1000/wayland-9")])
def test_connections_to_the_window_system_are_found_where_pygame_does_not_tell_them(
    driver: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not for a window of a GPU, which is the rule on a desktop."""
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(f"\0/{os.getpid()}{path}")
        server.listen()
        assert connections(driver) == []
        assert type(open_wake(driver)) is PlainWake
        client.connect(server.getsockname())

        assert connections(driver) == [client.fileno()]
        wake = open_wake(driver)
        assert type(wake) is HintedWake
        wake.close()
        os.fstat(client.fileno())  # it is still open


@pytest.mark.parametrize(
    ("driver", "kind"),
    [
        ("kmsdrm", HintedWake),
        ("offscreen", HintedWake),
        ("windows", PlainWake),
        ("cocoa", PlainWake),
        ("x11", PlainWake),
    ],
)
def test_idle_polls_where_nothing_hints_at_events(driver: str, kind: type) -> None:
    """No window is open here, so that a connection to an X server cannot be found."""
    wake = open_wake(driver)

    assert type(wake) is kind
    wake.close()
