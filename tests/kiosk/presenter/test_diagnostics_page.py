"""The page behind Ctrl+Shift+D: what it says, and that it never stands in the way of a spin."""

import ipaddress
import json
from datetime import timedelta
from importlib import metadata
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from kiosk.core.clock import ManualClock, rfc3339
from kiosk.core.source_status import SourceReport, SourcesStatus
from kiosk.devices.inputs import Action
from kiosk.screen.scene import Phase, Scene
from kiosk.snapshot.requests import WithdrawMessage
from kiosk.supervise.health.machine import MachineHealth
from tests.kiosk.scripted import Press, scripted_kiosk, small_home
from tests.support import delivered

LEAVE = Action.LEAVE
WEAK = MachineHealth(temperature_c=71.5, undervoltage=True, disk_errors=2, disk_free_mb=900)


def scenes_of(tmp_path: Path, *presses: Press) -> list[Scene]:
    """Run a kiosk on simulated time; returns every scene that it drew."""
    with scripted_kiosk(small_home(tmp_path), drawing=False, machine=lambda home: WEAK) as kiosk:
        kiosk.run(*presses, (presses[-1][0] + 20, Action.LEAVE))
        return kiosk.screen.scenes


@pytest.mark.slow
def test_the_page_says_how_the_machine_is_and_names_nobody(tmp_path: Path) -> None:
    pages = [scene.page for scene in scenes_of(tmp_path, (2, Action.DIAGNOSE)) if scene.page]
    said = dict(pages[0])

    assert said["State"].startswith("idle")
    assert said["List"].startswith("generation 1, ")
    assert said["Entropy"] == "sealed draw: you trust whoever runs the kiosk"
    assert said["Temperature"] == "71.5 °C"
    assert said["Power"].startswith("TOO WEAK")
    assert said["Disk"] == "900 MB free, 2 ERRORS"
    assert said["New lists"] == "arrive"
    assert not any("Name E" in value for value in said.values())


@pytest.mark.slow
def test_the_page_says_where_lists_come_from_and_since_when_they_are_out_of_reach(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    home.fetch.mkdir()
    start = ManualClock().utc_now()
    since = rfc3339(start - timedelta(seconds=90))
    away = SourceReport(url="sftp://hall/lists", failing_since=since, problem="No route.")
    status = SourcesStatus(at=rfc3339(start), sources=(away,))
    home.fetch_status.write_bytes(msgspec.json.encode(status))
    with scripted_kiosk(home, drawing=False, machine=lambda home: WEAK) as kiosk:
        kiosk.run((2, Action.DIAGNOSE), (10, Action.DIAGNOSE), (15, Action.LEAVE))
        scenes = kiosk.screen.scenes
    said = dict([scene.page for scene in scenes if scene.page][-1])

    assert said["Source"].startswith("sftp://hall/lists: OUT OF REACH since ")
    assert said["Source"].endswith("No route.")
    assert "Lists from elsewhere are out of reach." in scenes[-1].faults


@pytest.mark.slow
def test_the_page_and_the_status_say_which_requests_wait(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    message = delivered(WithdrawMessage(event="f" * 16, ticket="E0001", reason="ill"))
    (home.snapshots / message.name).write_bytes(message.envelope)
    with scripted_kiosk(home, drawing=False, machine=lambda home: WEAK) as kiosk:
        kiosk.run((2, Action.DIAGNOSE), (10, Action.DIAGNOSE), (25, Action.LEAVE), deeds=[(1, kiosk.look)])
        scenes = kiosk.screen.scenes

    assert dict([scene.page for scene in scenes if scene.page][-1])["Requests wait"] == "1 for its event"
    assert json.loads(home.status.read_bytes())["waiting"] == ["1 for its event"]


@pytest.mark.slow
def test_the_page_is_kept_up_to_date_while_it_is_open(tmp_path: Path) -> None:
    frames = [dict(scene.page)["Clock"] for scene in scenes_of(tmp_path, (2, Action.DIAGNOSE)) if scene.page]
    assert len(set(frames)) >= 15


@pytest.mark.slow
def test_the_chord_again_brings_the_wheel_back(tmp_path: Path) -> None:
    scenes = scenes_of(tmp_path, (2, Action.DIAGNOSE), (5, Action.DIAGNOSE))
    assert scenes[-1].page == ()
    assert any(scene.page for scene in scenes)


def test_a_press_leaves_the_page_and_spins(tmp_path: Path) -> None:
    scenes = scenes_of(tmp_path, (2, Action.DIAGNOSE), (4, Action.SPIN))

    assert any(scene.page for scene in scenes)
    assert all(not scene.page for scene in scenes if scene.phase is Phase.TURNING)
    assert scenes[-1].phase is Phase.RESULT


@pytest.mark.slow
def test_the_page_never_covers_a_result(tmp_path: Path) -> None:
    with scripted_kiosk(small_home(tmp_path), drawing=False) as kiosk:
        kiosk.run((2, Action.SPIN), (14, Action.DIAGNOSE), (40, Action.DIAGNOSE), (80, Action.DIAGNOSE), (90, LEAVE))
        scenes = kiosk.screen.scenes

    assert not any(scene.page for scene in scenes if scene.phase is Phase.RESULT)
    assert scenes[-1].page  # asked for once the result is gone


@pytest.mark.slow
def test_a_page_that_is_left_open_closes_by_itself_after_a_minute(tmp_path: Path) -> None:
    with scripted_kiosk(small_home(tmp_path), drawing=False) as kiosk:
        shown: dict[int, bool] = {}
        looks = [(at, lambda at=at: shown.update({at: bool(kiosk.screen.scenes[-1].page)})) for at in (3, 60, 64)]
        kiosk.run((2, Action.DIAGNOSE), (70, LEAVE), deeds=looks)

    assert shown == {3: True, 60: True, 64: False}


@pytest.mark.slow
def test_the_page_says_which_version_runs_and_where_the_machine_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "stage-pi")
    said = dict(next(scene.page for scene in scenes_of(tmp_path, (2, Action.DIAGNOSE)) if scene.page))

    assert said["Version"] == f"wheel-kiosk {metadata.version('wheel-kiosk')}"
    name, address = said["Address"].split(", ")
    assert name == "stage-pi"
    assert address == "no network" or str(ipaddress.ip_address(address)) == address


@pytest.mark.slow
@pytest.mark.parametrize("size", [(800, 480), (720, 1280), (1920, 1080)])
def test_the_whole_page_is_on_the_screen_and_the_wheel_comes_back_unharmed(
    size: tuple[int, int], tmp_path: Path
) -> None:
    lines = tuple((f"What {number}", "a value " * 30) for number in range(20))
    with scripted_kiosk(small_home(tmp_path), size=size) as kiosk:
        kiosk.run((1, Action.LEAVE))
        wheel = kiosk.screen.scenes[-1]
        before = kiosk.screen.capture(wheel)
        shown = kiosk.screen.capture(replace(wheel, page=lines))
        after = kiosk.screen.capture(wheel)

    assert after.get_buffer().raw == before.get_buffer().raw
    ground = shown.get_at((size[0] - 2, 2))
    ink = [y for y in range(size[1]) if any(shown.get_at((x, y)) != ground for x in range(0, size[0], 3))]
    assert ink[0] > 0
    assert ink[-1] < size[1] - 5  # the last line is not cut off
    assert len(ink) > 20 * 6
