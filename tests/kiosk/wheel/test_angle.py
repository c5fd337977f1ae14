"""Wheel angles: whole units of a turn."""

import pytest

from kiosk.wheel.angle import TURN, degrees, forward, normalize


@pytest.mark.parametrize(
    ("angle", "in_degrees"), [(0, 0.0), (TURN // 4, 90.0), (TURN // 2, 180.0), (TURN, 0.0), (-TURN // 4, 270.0)]
)
def test_a_quarter_of_a_turn_is_ninety_degrees(angle: int, in_degrees: float) -> None:
    assert degrees(angle) == in_degrees


def test_forward_is_the_way_in_which_the_wheel_turns() -> None:
    assert forward(TURN - 1, 1) == 2
    assert forward(1, TURN - 1) == TURN - 2
    assert normalize(-1) == TURN - 1
