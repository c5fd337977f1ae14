"""The page behind Ctrl+Shift+D: what it says, and that it never stands in the way of a spin."""

from pathlib import Path

import pytest

from kiosk.commands.run import kiosk_on
from kiosk.config.command_line import RunOptions
from kiosk.core.clock import ManualClock
from kiosk.devices.inputs import Action
from kiosk.loop import Loop
from kiosk.screen.scene import Phase, Scene
from kiosk.supervise.health_files import Machine
from tests.kiosk.scripted import Hand, small_home
from tests.support import counted_bytes

WEAK = Machine(temperature_c=71.5, undervoltage=True, disk_errors=2, disk_free_mb=900)


def scenes_of(tmp_path: Path, *presses: tuple[float, Action], machine: Machine = WEAK) -> list[Scene]:
    """Run a kiosk on simulated time; returns every scene that it composed."""
    options = RunOptions(home=small_home(tmp_path).root, window=(800, 480), clock="simulated", fps=10)
    seen: list[Scene] = []
    with kiosk_on(options, random_bytes=counted_bytes()) as loop:
        clock = loop._clock
        assert isinstance(clock, ManualClock)
        loop._vitals._machine = lambda home: machine
        loop._inputs = Hand(clock, [*presses, (presses[-1][0] + 20, Action.LEAVE)])
        watch(loop, seen)
        loop.run()
    return seen


def watch(loop: Loop, seen: list[Scene]) -> None:
    compose = loop._compose

    def composed() -> Scene:
        seen.append(compose())
        return seen[-1]

    loop._compose = composed  # type: ignore[method-assign]


def test_the_page_says_how_the_machine_is_and_names_nobody(tmp_path: Path) -> None:
    pages = [scene.page for scene in scenes_of(tmp_path, (2, Action.DIAGNOSE)) if scene.page]
    said = dict(pages[0])

    assert said["State"].startswith("idle")
    assert said["List"].startswith("generation 1, ")
    assert said["Temperature"] == "71.5 °C"
    assert said["Power"].startswith("TOO WEAK")
    assert said["Disk"] == "900 MB free, 2 ERRORS"
    assert said["New lists"] == "arrive"
    assert not any("Name E" in value for value in said.values())


def test_the_page_is_kept_up_to_date_while_it_is_open(tmp_path: Path) -> None:
    frames = [dict(scene.page)["Clock"] for scene in scenes_of(tmp_path, (2, Action.DIAGNOSE)) if scene.page]
    assert len(set(frames)) >= 15


def test_the_chord_again_brings_the_wheel_back(tmp_path: Path) -> None:
    scenes = scenes_of(tmp_path, (2, Action.DIAGNOSE), (5, Action.DIAGNOSE))
    assert scenes[-1].page == ()
    assert any(scene.page for scene in scenes)


def test_a_press_leaves_the_page_and_spins(tmp_path: Path) -> None:
    scenes = scenes_of(tmp_path, (2, Action.DIAGNOSE), (4, Action.SPIN))

    assert any(scene.page for scene in scenes)
    assert all(not scene.page for scene in scenes if scene.phase is Phase.TURNING)
    assert scenes[-1].phase is Phase.RESULT


def test_the_page_covers_a_result_only_after_its_reading_time(tmp_path: Path) -> None:
    """Seen in the virtual machine: after a spin the chord did nothing for a minute."""
    scenes = scenes_of(tmp_path, (2, Action.SPIN), (14, Action.DIAGNOSE))
    results = [scene for scene in scenes if scene.phase is Phase.RESULT]

    assert not any(scene.page for scene in results if scene.celebration_ms < 3900)
    assert any(scene.page for scene in results)


@pytest.mark.parametrize("size", [(800, 480), (720, 1280), (1920, 1080)])
def test_the_whole_page_is_on_the_screen_and_the_wheel_comes_back_unharmed(
    size: tuple[int, int], tmp_path: Path
) -> None:
    options = RunOptions(home=small_home(tmp_path).root, window=size, clock="simulated", fps=10, backend="software")
    lines = tuple((f"What {number}", "a value " * 30) for number in range(20))
    with kiosk_on(options, random_bytes=counted_bytes()) as loop:
        loop._adopt(loop._take_first())
        view, wheel = loop._view, loop._compose()
        before = view.capture(wheel)
        from dataclasses import replace

        shown = view.capture(replace(wheel, page=lines))
        after = view.capture(wheel)

    assert after.get_buffer().raw == before.get_buffer().raw
    ground = shown.get_at((size[0] - 2, 2))
    ink = [y for y in range(size[1]) if any(shown.get_at((x, y)) != ground for x in range(0, size[0], 3))]
    assert ink[0] > 0
    assert ink[-1] < size[1] - 5  # the last line is not cut off
    assert len(ink) > 20 * 6
