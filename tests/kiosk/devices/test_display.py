"""The wait for a display that is switched on later."""

from pathlib import Path

import pytest

from kiosk.core.clock import NS_PER_S, ManualClock, Waitable
from kiosk.devices.display import connectors, wait_for_display


def plug(drm: Path, connector: str, status: str) -> None:
    (drm / connector).mkdir(parents=True, exist_ok=True)
    (drm / connector / "status").write_text(status + "\n")
    (drm / "dri").mkdir(exist_ok=True)
    (drm / "dri" / "card1").touch()


def test_it_waits_until_any_connector_is_connected_and_asks_for_time(tmp_path: Path) -> None:
    plug(tmp_path, "card1-HDMI-A-1", "disconnected")
    plug(tmp_path, "card1-HDMI-A-2", "disconnected")
    said: list[tuple[str, int]] = []

    def tell(text: str, seconds: int) -> None:
        said.append((text, seconds))
        if len(said) == 3:
            plug(tmp_path, "card1-HDMI-A-2", "connected")

    clock = ManualClock()
    wait_for_display(clock, tell, directory=tmp_path, cards=tmp_path / "dri")

    assert said == [("waiting for a display at card1-HDMI-A-1, card1-HDMI-A-2", 30)] * 3
    assert clock.monotonic_ns() == 3 * NS_PER_S


@pytest.mark.parametrize("states", [["connected"], ["disconnected", "connected"]])
def test_it_does_not_wait_where_one_is_connected(states: list[str], tmp_path: Path) -> None:
    for number, state in enumerate(states):
        plug(tmp_path, f"card0-DSI-{number}", state)
    (tmp_path / "card0").mkdir()
    (tmp_path / "version").write_text("drm 1.1.0\n")
    clock = ManualClock()

    wait_for_display(clock, lambda text, seconds: pytest.fail("waited"), directory=tmp_path, cards=tmp_path / "dri")
    assert clock.monotonic_ns() == 0
    assert len(connectors(tmp_path)) == len(states)


@pytest.mark.parametrize("states", [[], ["disconnected"]], ids=["no driver", "switched off"])
def test_whoever_asks_to_leave_need_not_wait_for_a_display(states: list[str], tmp_path: Path) -> None:
    for number, state in enumerate(states):
        plug(tmp_path, f"card0-HDMI-A-{number}", state)
    clock = ManualClock()
    wait_for_display(
        clock,
        lambda text, seconds: None,
        leaving=lambda: clock.monotonic_ns() >= 5 * NS_PER_S,
        directory=tmp_path,
        cards=tmp_path / "dri",
    )

    assert clock.monotonic_ns() == 5 * NS_PER_S


class LoadsTheDriver(ManualClock):
    """A clock during whose third second the kernel finds the display."""

    def __init__(self, drm: Path) -> None:
        super().__init__()
        self._drm = drm

    def sleep_ns(self, duration_ns: int, until: Waitable | None = None) -> None:
        super().sleep_ns(duration_ns, until)
        if self.monotonic_ns() == 3 * NS_PER_S:
            plug(self._drm, "card0-HDMI-A-1", "connected")


def test_it_gives_the_kernel_some_seconds_to_load_its_driver(tmp_path: Path) -> None:
    """Seen in a virtual machine: the service was started before there was any /dev/dri, and failed five times."""
    clock = LoadsTheDriver(tmp_path)
    wait_for_display(clock, lambda text, seconds: pytest.fail("waited"), directory=tmp_path, cards=tmp_path / "dri")
    assert clock.monotonic_ns() == 3 * NS_PER_S


def test_it_waits_until_the_driver_lets_us_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen in a virtual machine: the device was there for a second with no group yet, and the service failed."""
    plug(tmp_path, "card0-HDMI-A-1", "connected")
    clock = ManualClock()
    monkeypatch.setattr("os.access", lambda path, mode: clock.monotonic_ns() >= 2 * NS_PER_S)
    wait_for_display(clock, lambda text, seconds: None, directory=tmp_path, cards=tmp_path / "dri")
    assert clock.monotonic_ns() == 2 * NS_PER_S


def test_where_no_display_can_ever_be_it_does_not_wait_for_ever(tmp_path: Path) -> None:
    clock = ManualClock()
    wait_for_display(clock, lambda text, seconds: pytest.fail("waited"), directory=tmp_path / "none", cards=tmp_path)
    assert clock.monotonic_ns() == 30 * NS_PER_S
