"""Sounds: ticks that follow the speed, a riser, the reveal; without a device the wheel works silently."""

import itertools
import logging
import math
import struct
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artwork import make_sounds
from artwork.loudness import loudness, momentary, true_peak
from kiosk.core.assets import asset
from kiosk.devices.sound import RISER_BEFORE_REST_MS, Loudspeaker, Silence, Sounds, open_sounds, probe_sound
from kiosk.devices.ticking import ALL_A_SECOND, LEVELS, VARIANTS, Ticking, heard_a_second, level_of
from kiosk.screen.effects.reveal import CALM_MS, GROW_FROM_MS, SILENCE_MS
from kiosk.screen.wheel_picture.flap import pegs_passed
from kiosk.screen.wheel_picture.painting import peg_angles
from kiosk.wheel.angle import TURN
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan

RATE = 22_050
Note = tuple[float, str]


class Heard:
    """A sound that notes when it is played and broken off."""

    def __init__(self, name: str, notes: list[Note]) -> None:
        self._name, self._notes = name, notes

    def play(self) -> None:
        self._notes.append((NOW[0], self._name))

    def fadeout(self, ms: int) -> None:
        assert 0 < ms < 100
        self._notes.append((NOW[0], f"no {self._name}"))


NOW = [0.0]
"""Seconds since the press."""


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[Note]:
    """What was played, in order, and when."""
    found: list[Note] = []
    NOW[0] = 0.0
    monkeypatch.setattr(pygame.mixer, "init", lambda *_: None)
    monkeypatch.setattr(pygame.mixer, "set_num_channels", lambda _: None)
    monkeypatch.setattr(pygame.mixer, "Sound", lambda path: Heard(Path(path).stem, found))
    return found


@pytest.fixture
def speaker(notes: list[Note]) -> Loudspeaker:
    return Loudspeaker(Path("sounds"))


def spin(speaker: Sounds, count: int) -> None:
    """Tell the loudspeaker of a whole spin at 60 frames a second, as the loop does."""
    segments = Segments([1] * count)
    pegs = peg_angles(segments)
    plan = SpinPlan(start=0, rest=TURN // 3, turns=6, segments=count)
    for tick in range(0, plan.ticks, 2):
        NOW[0] = tick / TICKS_PER_SECOND
        speed = (plan.angle_at(tick + 1) - plan.angle_at(tick)) * TICKS_PER_SECOND
        speaker.turn(
            pegs_passed=pegs_passed(pegs, segments, plan.angle_at(tick), plan.angle_at(tick + 2)),
            pegs_a_second=speed / TURN * max(len(pegs), count),
            rest_in_ms=(plan.ticks - tick) * 1000 // TICKS_PER_SECOND,
        )
    NOW[0] = plan.ticks / TICKS_PER_SECOND
    speaker.win()


def ticks_of(notes: list[Note]) -> list[Note]:
    return [note for note in notes if note[1].startswith("tick")]


# ---- the ticks -------------------------------------------------------------------------------------------------------


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_faster_wheel_ticks_more_often_higher_and_louder(one: float, other: float) -> None:
    slow, fast = sorted((one, other))

    assert heard_a_second(slow) <= heard_a_second(fast) <= 30
    assert level_of(slow) <= level_of(fast) < LEVELS


@given(st.lists(st.integers(0, 3)), st.floats(0.1, ALL_A_SECOND))
def test_each_peg_of_a_slow_wheel_is_heard(passing: list[int], a_second: float) -> None:
    ticking = Ticking()

    assert [ticking.passes(pegs, a_second) is not None for pegs in passing] == [pegs > 0 for pegs in passing]


@pytest.mark.parametrize("a_second", [15.0, 50.0, 300.0, 3000.0])
def test_more_pegs_than_an_ear_can_tell_are_thinned_to_a_rate_that_rises(a_second: float) -> None:
    ticking, frames, heard, due = Ticking(), 60 * 20, 0, 0.0
    for _ in range(frames):
        due += a_second / 60
        heard += ticking.passes(int(due), a_second) is not None
        due -= int(due)

    assert heard / 20 == pytest.approx(heard_a_second(a_second), rel=0.1)
    assert heard_a_second(a_second) > heard_a_second(a_second / 2)


def test_no_tick_sounds_like_the_one_before() -> None:
    ticking = Ticking()
    found = [ticking.passes(1, 5.0) for _ in range(50)]

    assert all(one != other for one, other in itertools.pairwise(found))


@pytest.mark.parametrize("count", [12, 60, 300, 3000])
def test_an_ear_hears_the_wheel_slow_down_to_the_last_tick(speaker: Loudspeaker, notes: list[Note], count: int) -> None:
    """In each of the last seconds fewer ticks than in the one before, and none higher."""
    spin(speaker, count)
    ticks = ticks_of(notes)
    seconds = [[name for at, name in ticks if second <= at < second + 1] for second in range(11)]
    heard = [len(names) for names in seconds]

    assert max(heard) <= 25
    assert sum(heard) >= 40
    closing = heard[3:]
    assert all(later <= before for before, later in itertools.pairwise(closing)), heard
    assert closing[-1] <= closing[0] / 3
    assert sum(heard[7:]) >= 3, heard  # and it is heard to the end
    levels = [max(int(name.split("-")[1]) for name in names) for names in seconds[3:] if names]
    assert levels == sorted(levels, reverse=True)


@pytest.mark.parametrize("count", [1, 12, 3000])
def test_a_spin_is_ticks_one_riser_and_the_reveal(speaker: Loudspeaker, notes: list[Note], count: int) -> None:
    spin(speaker, count)
    names = [name for _, name in notes]

    assert names.count("riser") == names.count("reveal") == 1
    assert names[-2:] == ["no riser", "reveal"]
    assert notes[-1][0] == 11.0
    assert next(at for at, name in notes if name == "riser") == pytest.approx(
        11 - RISER_BEFORE_REST_MS / 1000, abs=0.02
    )


def test_the_next_press_ends_the_reveal_and_rises_again(speaker: Loudspeaker, notes: list[Note]) -> None:
    spin(speaker, 12)
    before = len(notes)
    spin(speaker, 12)
    names = [name for _, name in notes]

    assert names[before] == "no reveal"
    assert (names.count("riser"), names.count("reveal")) == (2, 2)


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
    spoil(tmp_path / "riser.wav")

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


def samples_of(name: str) -> list[float]:
    with wave.open(str(asset(f"sounds/{name}.wav"))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        data = file.readframes(file.getnframes())
    return [value / 32_768 for value in struct.unpack(f"<{len(data) // 2}h", data)]


@pytest.mark.slow
@pytest.mark.parametrize("name", make_sounds.all_sounds())
def test_the_sounds_are_byte_for_byte_what_our_script_makes(name: str, tmp_path: Path) -> None:
    make_sounds.write(tmp_path / "made.wav", make_sounds.all_sounds()[name]())

    assert (tmp_path / "made.wav").read_bytes() == asset(f"sounds/{name}.wav").read_bytes()


def test_there_is_no_sound_that_we_did_not_make() -> None:
    assert {path.stem for path in asset("sounds").iterdir()} == set(make_sounds.all_sounds())


@pytest.mark.slow
@pytest.mark.parametrize("name", make_sounds.all_sounds())
def test_no_sound_exceeds_one_decibel_below_full_scale_between_its_samples(name: str) -> None:
    assert true_peak(samples_of(name)) <= -1.0


def test_ticks_get_higher_and_louder_and_shorter_with_the_speed() -> None:
    for variant in range(VARIANTS):
        ticks = [samples_of(f"tick-{level}-{variant}") for level in range(LEVELS)]
        crossings = [sum(one * other < 0 for one, other in itertools.pairwise(tick[: RATE // 40])) for tick in ticks]
        peaks = [true_peak(tick) for tick in ticks]

        assert peaks == sorted(peaks)
        assert crossings[-1] > 1.4 * crossings[0]
        assert [len(tick) for tick in ticks] == sorted((len(tick) for tick in ticks), reverse=True)


def test_the_riser_grows_to_its_end_and_is_as_long_as_it_sounds() -> None:
    samples = samples_of("riser")
    grows = momentary(samples, RATE)

    assert len(samples) == RISER_BEFORE_REST_MS * RATE // 1000
    assert grows[-1] > grows[0] + 15
    assert all(later > before - 1.5 for before, later in itertools.pairwise(grows))


def test_the_reveal_is_silent_first_and_follows_the_picture() -> None:
    """Silence; a beat as the wedge lights up; the fanfare as the name grows; applause until the paper has fallen."""
    samples = samples_of("reveal")
    assert len(samples) == CALM_MS * RATE // 1000
    assert not any(samples[: SILENCE_MS * RATE // 1000])
    loud = momentary(samples, RATE)

    def at(ms: int) -> float:
        return loud[ms // 100]

    assert at(SILENCE_MS) > -35
    assert at(GROW_FROM_MS - 450) < at(GROW_FROM_MS) - 12  # the fanfare begins with the name, not before
    assert max(loud) == max(loud[GROW_FROM_MS // 100 : 35])
    assert at(5500) > -22
    assert at(CALM_MS - 450) < -35


@pytest.mark.slow
def test_the_show_is_evenly_loud_and_never_clips_when_sounds_meet(speaker: Loudspeaker, notes: list[Note]) -> None:
    """A whole spin at 3000 as the mixer adds it up: fast ticks, riser with ticks, fanfare, applause."""
    spin(speaker, 3000)
    mixed = [0.0] * (20 * RATE)
    for at, name in notes:
        if not name.startswith("no "):
            for place, sample in enumerate(samples_of(name), round(at * RATE)):
                mixed[place] += sample
    loud = momentary(mixed, RATE)
    fast, riser, fanfare, applause = (max(loud[a:b]) for a, b in ((20, 40), (95, 107), (123, 145), (160, 170)))

    assert true_peak(mixed) <= -1.0
    assert loud[111] < fanfare - 40  # the beat of silence, from 11.1 to 11.5 s
    assert fast >= -32
    assert fanfare >= riser >= -24
    assert applause >= fanfare - 9
    assert -20 <= loudness(mixed, RATE) <= -14


# ---- the measuring ---------------------------------------------------------------------------------------------------


def sine(frequency: float, rate: int, *, phase: float = 0.0, seconds: float = 2.0) -> list[float]:
    return [math.sin(math.tau * frequency * n / rate + phase) for n in range(round(seconds * rate))]


@pytest.mark.parametrize("rate", [RATE, 48_000])
def test_a_tone_at_full_scale_is_as_loud_as_the_standard_says(rate: int) -> None:
    """BS.1770: a sine of 997 Hz at 0 dBFS in one channel is -3.01 LUFS."""
    assert loudness(sine(997, rate), rate) == pytest.approx(-3.01, abs=0.1)
    assert loudness([value / 10 for value in sine(997, rate)], rate) == pytest.approx(-23.01, abs=0.1)


@pytest.mark.slow
def test_a_peak_between_two_samples_is_found() -> None:
    """A quarter of the rate, half a sample off: every sample is 3 dB below the peak."""
    between = sine(RATE / 4, RATE, phase=math.pi / 4, seconds=0.2)

    assert max(map(abs, between)) == pytest.approx(0.7071, abs=1e-3)
    assert true_peak(between[100:-100]) == pytest.approx(0, abs=1.0)
    assert true_peak(sine(300, RATE)) == pytest.approx(0, abs=0.05)
