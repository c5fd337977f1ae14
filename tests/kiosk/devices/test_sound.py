"""Sounds: few ticks, one swell, one fanfare; without a device the wheel works silently."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pygame
import pytest

from artwork import make_sounds
from kiosk.core.assets import asset
from kiosk.core.clock import NS_PER_MS, NS_PER_S
from kiosk.devices.sound import (
    LEAST_BETWEEN_TICKS_NS,
    SWELL_BEFORE_REST_MS,
    Loudspeaker,
    Silence,
    Sounds,
    open_sounds,
    probe_sound,
)
from kiosk.screen.wheel_picture.flap import pegs_passed
from kiosk.screen.wheel_picture.painting import peg_angles
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan

FRAME_NS = NS_PER_S // 60


class Heard:
    """A sound that notes when it is played and stopped."""

    def __init__(self, name: str, notes: list[str]) -> None:
        self._name, self._notes = name, notes

    def play(self) -> None:
        self._notes.append(self._name)

    def stop(self) -> None:
        self._notes.append(f"no {self._name}")

    def set_volume(self, volume: float) -> None:
        assert 0 < volume <= 1


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was played, in order."""
    found: list[str] = []
    monkeypatch.setattr(pygame.mixer, "init", lambda *_: None)
    monkeypatch.setattr(pygame.mixer, "Sound", lambda path: Heard(Path(path).stem, found))
    return found


@pytest.fixture
def speaker(notes: list[str]) -> Loudspeaker:
    return Loudspeaker(Path("sounds"))


def spin(speaker: Sounds, count: int, *, begin_ns: int = NS_PER_S) -> None:
    """Tell the loudspeaker of a whole spin at 60 frames a second, as the loop does."""
    pegs = peg_angles(Segments([1] * count))
    plan = SpinPlan(start=0, rest=0, turns=6, segments=3000)
    for tick in range(0, plan.ticks, 2):
        speaker.turn(
            pegs_passed=pegs_passed(pegs, plan.angle_at(tick), plan.angle_at(tick + 2)),
            rest_in_ms=(plan.ticks - tick) * 1000 // TICKS_PER_SECOND,
            now_ns=begin_ns + tick * NS_PER_S // TICKS_PER_SECOND,
        )
    speaker.win()


def test_ticks_are_at_most_as_frequent_as_an_ear_can_tell(speaker: Loudspeaker, notes: list[str]) -> None:
    """A second in which each of 60 frames passes 50 pegs: 3000 pegs, 20 ticks."""
    for frame in range(60):
        speaker.turn(pegs_passed=50, rest_in_ms=9000, now_ns=NS_PER_S + frame * FRAME_NS)

    assert set(notes) == {"tick"}
    assert 15 <= len(notes) <= NS_PER_S // LEAST_BETWEEN_TICKS_NS + 1


def test_two_pegs_far_apart_are_both_heard_and_none_is_heard_without_a_peg(
    speaker: Loudspeaker, notes: list[str]
) -> None:
    for passed, at_ms in ((1, 100), (0, 200), (1, 300), (1, 300 + 44), (1, 300 + 45)):
        speaker.turn(pegs_passed=passed, rest_in_ms=9000, now_ns=NS_PER_S + at_ms * NS_PER_MS)

    assert notes == ["tick"] * 3


@pytest.mark.parametrize("count", [1, 12, 3000])
def test_a_spin_is_ticks_one_swell_and_a_fanfare(speaker: Loudspeaker, notes: list[str], count: int) -> None:
    spin(speaker, count)

    assert notes.count("swell") == 1
    assert notes[-2:] == ["no swell", "fanfare"]
    assert 20 < notes.count("tick") <= 11 * NS_PER_S // LEAST_BETWEEN_TICKS_NS
    assert notes[0] == "tick"


def test_the_second_spin_swells_again(speaker: Loudspeaker, notes: list[str]) -> None:
    spin(speaker, 12)
    spin(speaker, 12, begin_ns=20 * NS_PER_S)

    assert (notes.count("swell"), notes.count("fanfare")) == (2, 2)


def test_the_swell_begins_shortly_before_rest(speaker: Loudspeaker, notes: list[str]) -> None:
    speaker.turn(pegs_passed=0, rest_in_ms=SWELL_BEFORE_REST_MS + 1, now_ns=0)
    assert notes == []
    speaker.turn(pegs_passed=0, rest_in_ms=SWELL_BEFORE_REST_MS, now_ns=0)
    assert notes == ["swell"]


# ---- no sound, no problem ------------------------------------------------------------------------------------------


def refuse(*_: object) -> None:
    raise pygame.error("ALSA: Couldn't open audio device: No such file or directory")


def test_no_device_is_silence_and_a_log_line(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(pygame.mixer, "init", refuse)

    with caplog.at_level(logging.INFO):
        found = open_sounds(asset("sounds"), probe=probe_sound(wanted=True))

    assert isinstance(found, Silence)
    assert "no sound: ALSA" in caplog.text
    spin(found, 12)
    found.close()


@pytest.fixture
def _mixer() -> Iterator[None]:
    yield
    pygame.mixer.quit()


@pytest.mark.usefixtures("_mixer")
@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"RIFF")], ids=["missing", "broken"])
def test_a_file_that_cannot_be_played_is_silence(spoil: Callable[[Path], object], tmp_path: Path) -> None:
    for path in asset("sounds").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    spoil(tmp_path / "swell.wav")

    assert isinstance(open_sounds(tmp_path, probe=probe_sound(wanted=True)), Silence)


def test_sound_that_nobody_wants_opens_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pygame.mixer, "init", lambda *_: pytest.fail("a device was opened"))

    assert isinstance(open_sounds(asset("sounds"), probe=probe_sound(wanted=False)), Silence)


@pytest.mark.usefixtures("_mixer")
def test_our_files_can_be_played() -> None:
    """On SDL's dummy audio driver, which is a device like any other."""
    found = open_sounds(asset("sounds"), probe=probe_sound(wanted=True))

    assert isinstance(found, Loudspeaker)
    spin(found, 12)
    found.close()


# ---- the files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tick", "swell", "fanfare"])
def test_the_sounds_are_byte_for_byte_what_our_script_makes(name: str, tmp_path: Path) -> None:
    make_sounds.write(tmp_path / "made.wav", getattr(make_sounds, name)())

    assert (tmp_path / "made.wav").read_bytes() == asset(f"sounds/{name}.wav").read_bytes()


def test_there_is_no_sound_that_we_did_not_make() -> None:
    assert sorted(path.name for path in asset("sounds").iterdir()) == ["fanfare.wav", "swell.wav", "tick.wav"]
