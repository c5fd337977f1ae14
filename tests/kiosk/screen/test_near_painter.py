"""The thread that paints near views ends before the fonts that it uses."""

import logging
import threading
from collections.abc import Callable

import pytest

from kiosk.screen.wheel_picture import near_painter
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
