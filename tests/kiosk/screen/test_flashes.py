"""Nothing on the screen flashes more than three times a second (WCAG 2.3.1), from press to calm."""

from collections.abc import Iterator

import pytest

from kiosk.screen.effects.reveal import CALM_MS
from kiosk.wheel.angle import TURN
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan
from tests.kiosk.screen.flashes import GRID, luminances, most_flashes
from tests.kiosk.screen.stage import Stage, angle_in, face_of, software_stage

pytestmark = pytest.mark.usefixtures("open_pygame")

FPS = 30
ALLOWED = 3


def film(stage: Stage) -> Iterator[list[float]]:
    """Yield the cells of each frame from press to calm."""
    count = stage.face.segments.count
    plan = SpinPlan(start=TURN // 5, rest=angle_in(stage.face, count // 2), turns=7, segments=count)
    stage.view.capture(stage.spinning(plan, 0))  # all that a spin needs is painted
    for tick in range(0, plan.ticks, TICKS_PER_SECOND // FPS):
        stage.view.draw(stage.spinning(plan, tick))
        yield luminances(stage.backend.read_back())
    for rested_ms in range(0, CALM_MS + 500, 1000 // FPS):
        stage.view.draw(stage.rested(plan, rested_ms))
        yield luminances(stage.backend.read_back())


@pytest.mark.slow
@pytest.mark.parametrize("count", [6, 12, 60, 300, 3000])
def test_a_spin_and_its_result_flash_no_more_than_three_times_a_second(count: int) -> None:
    assert most_flashes(film(software_stage(face_of(count))), fps=FPS) <= ALLOWED


@pytest.mark.slow
def test_the_checker_sees_a_flash_and_lets_a_slow_change_pass() -> None:
    cells = GRID[0] * GRID[1]
    fast = [[0.1 if frame // 3 % 2 else 0.6] * cells for frame in range(90)]  # five a second
    slow = [[0.1 if frame // 15 % 2 else 0.6] * cells for frame in range(90)]  # one a second
    faint = [[0.50 if frame // 3 % 2 else 0.55] * cells for frame in range(90)]
    small = [[0.1 if frame // 3 % 2 and cell < 12 else 0.6 for cell in range(cells)] for frame in range(90)]

    assert most_flashes(fast, fps=FPS) > ALLOWED
    assert most_flashes(slow, fps=FPS) <= 1
    assert most_flashes(faint, fps=FPS) == 0
    assert most_flashes(small, fps=FPS) == 0
