"""Near views are painted for a spin and freed after it, and their thread ends before the fonts that it uses."""

import logging
import threading
from collections.abc import Callable

import pygame
import pytest

from kiosk.screen.effects.reveal import DIM_UNTIL_MS
from kiosk.screen.wheel_picture import near_painter
from kiosk.screen.wheel_picture.camera import zoom_after_rest
from tests.kiosk.screen.stage import face_of, software_stage
from tests.kiosk.screen.test_camera import plan_to


def painting() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "near painter"]


def test_a_view_that_is_closed_paints_nothing_any_more(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def for_ever(_scene: object, _level: object, _fonts: object, _bits: int, pause: Callable[[], None]) -> None:
        while True:
            pause()

    monkeypatch.setattr(near_painter, "paint_near", for_ever)
    others = set(painting())  # of views that other tests left open
    stage = software_stage(face_of(300))
    stage.view.draw(stage.spinning(plan_to(stage, 70), 10))
    assert len(set(painting()) - others) == 1

    with caplog.at_level(logging.ERROR):
        stage.view.close()

    assert set(painting()) - others == set()
    assert caplog.records == []


@pytest.mark.parametrize(
    ("error", "said"),
    [(pygame.error("Invalid freetype font (freetype module quit since ...)"), 0), (pygame.error("Out of memory"), 1)],
)
def test_a_view_that_cannot_be_painted_is_an_error_unless_pygame_has_quit(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, said: int
) -> None:
    started = threading.Event()

    def failing(*_: object) -> None:
        started.set()
        raise error

    monkeypatch.setattr(near_painter, "paint_near", failing)
    stage = software_stage(face_of(300))
    with caplog.at_level(logging.ERROR):
        stage.view.draw(stage.spinning(plan_to(stage, 70), 10))
        assert started.wait(60)
        stage.view.close()

    assert sum("near view could not be painted" in record.message for record in caplog.records) == said


def test_nearer_views_are_freed_when_the_camera_has_drawn_back() -> None:
    stage = software_stage(face_of(300))
    plan, wheel = plan_to(stage, 70), stage.view._stage
    stage.view.capture(stage.spinning(plan, 10))
    smeared = len(wheel._smeared) + bool(wheel._rings)
    everything = wheel.ready
    assert everything > smeared > 0

    stage.view.draw(stage.spinning(plan, plan.ticks - 100))
    assert wheel.ready == everything - smeared
    stage.view.draw(stage.rested(plan, DIM_UNTIL_MS - 1))
    assert wheel.ready == everything - smeared
    stage.view.draw(stage.rested(plan, DIM_UNTIL_MS))
    assert [view.zoom for view in wheel._views] == [1]
    assert wheel._lit is None
    assert zoom_after_rest(600, DIM_UNTIL_MS) == 1
    stage.view.close()


def test_a_spin_or_a_result_that_is_shown_again_gets_its_near_views_again() -> None:
    """The window was hidden: what nobody saw is shown from its start."""
    stage = software_stage(face_of(300))
    plan, wheel = plan_to(stage, 70), stage.view._stage
    stage.view.capture(stage.spinning(plan, 10))
    smeared, everything = len(wheel._smeared) + bool(wheel._rings), wheel.ready
    for late, again, needed in (
        (stage.spinning(plan, plan.ticks - 100), stage.spinning(plan, 10), everything),
        (stage.rested(plan, DIM_UNTIL_MS), stage.rested(plan, 0), everything - smeared),
    ):
        stage.view.draw(late)
        assert wheel.ready < needed
        stage.view.capture(again)
        assert wheel.ready == needed
    stage.view.close()
