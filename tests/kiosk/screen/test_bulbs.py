"""The bulbs of the frame: what is lit when, and that no eye is hurt."""

import math

import pygame
import pytest
from msgspec.structs import replace

from kiosk.screen.effects.bulbs import BULBS, Bulbs, bulbs_at
from kiosk.screen.effects.reveal import CALM_MS, SILENCE_MS
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.scene import Outcome, Phase, Scene
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.wheel_picture.frame import paint_frame

IDLE = Scene(phase=Phase.INVITING)
TURNING = Scene(phase=Phase.TURNING)
RESULT = Scene(phase=Phase.RESULT, outcome=Outcome("Ann", "Ticket 1", ""))
FPS = 60


def idle_frames(seconds: int) -> list[Bulbs]:
    return [bulbs_at(replace(IDLE, moment_ms=frame * 1000 // FPS)) for frame in range(seconds * FPS)]


def result(celebration_ms: int) -> Bulbs:
    return bulbs_at(replace(RESULT, celebration_ms=celebration_ms))


def test_in_idle_a_glow_drifts_round_the_whole_frame_in_half_a_minute() -> None:
    frames = idle_frames(30)

    assert all(frame.bright and frame.bright & frame.lit == frame.bright for frame in frames)
    bright_at_some_time = 0
    for frame in frames:
        bright_at_some_time |= frame.bright
    assert bright_at_some_time == (1 << BULBS) - 1


def test_nothing_of_the_frame_stands_still_for_two_seconds_in_idle() -> None:
    frames = idle_frames(60)

    assert all(len(set(frames[at : at + 2 * FPS])) > 1 for at in range(0, len(frames) - 2 * FPS, FPS))


@pytest.mark.parametrize(
    "frames",
    [
        idle_frames(30),
        [bulbs_at(replace(TURNING, rest_in_ms=11_000 - frame * 1000 // FPS)) for frame in range(11 * FPS)],
        [result(frame * 1000 // FPS) for frame in range(12 * FPS)],
    ],
    ids=["idle", "turning", "result"],
)
def test_no_bulb_goes_on_and_off_more_than_twice_a_second(frames: list[Bulbs]) -> None:
    for bulb in range(BULBS):
        states = [(frame.lit >> bulb & 1) + (frame.bright >> bulb & 1) for frame in frames]
        changes = [at for at in range(1, len(states)) if bool(states[at]) != bool(states[at - 1])]
        assert all(later - at >= FPS * 9 // 10 for at, later in zip(changes, changes[4:], strict=False))


@pytest.mark.parametrize(("size", "at_pointer"), [((800, 480), {47, 0}), ((480, 800), {11, 12})])
def test_a_bulb_has_the_number_of_its_place_on_the_ring(size: tuple[int, int], at_pointer: set[int]) -> None:
    layout = arrange(size)
    bulbs = paint_frame(layout, BUILT_IN, pygame.Surface(size, 0, 32))[1]

    assert [bulb.number for bulb in bulbs] == sorted(set(range(BULBS)) - at_pointer)
    for bulb in bulbs:
        across, down = (bulb.at[axis] + bulb.lit.get_size()[axis] / 2 - layout.wheel.center[axis] for axis in (0, 1))
        place = math.atan2(down, across) / math.tau * BULBS % BULBS
        assert int(place) == bulb.number


def test_the_frame_is_dark_in_the_silence_before_the_reveal() -> None:
    assert result(SILENCE_MS - 1) == Bulbs(0)
    assert result(SILENCE_MS).lit


def test_nothing_glows_while_the_wheel_turns_or_a_result_is_celebrated() -> None:
    assert not bulbs_at(replace(TURNING, rest_in_ms=5000)).bright
    assert not result(CALM_MS - 1).bright


def test_bulbs_stand_still_for_an_absent_winner_and_with_reduced_motion() -> None:
    absent = replace(RESULT, outcome=Outcome("Ann", "Ticket 1", "", absent=True))

    assert len({bulbs_at(replace(absent, celebration_ms=ms)) for ms in range(SILENCE_MS, 9000, 100)}) == 1
    assert len({bulbs_at(replace(IDLE, moment_ms=ms), reduced=True) for ms in range(0, 60_000, 100)}) == 1
