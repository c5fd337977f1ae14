"""A thousand spins leak no picture, no file and no memory."""

import gc
import os
import sys
import weakref
from pathlib import Path

import pygame
import pytest

from kiosk.screen.backend import Picture
from kiosk.wheel.spin import SpinPlan
from tests.kiosk.screen.stage import angle_in, face_of, software_stage


def pss_bytes() -> int:
    """Return this process's share of memory; 0 where the system does not say."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0  # noqa: PTH208 - it is a pseudo directory


@pytest.mark.slow
def test_a_thousand_spins_leak_no_surface_no_file_and_no_memory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Idle, two frames of a spin, the celebration and the result, a thousand times; every 100th with a new wheel."""
    stage = software_stage(face_of(3000))
    living: weakref.WeakSet[pygame.Surface] = weakref.WeakSet()
    picture = stage.backend.picture

    def watched(surface: pygame.Surface, *, opaque: bool = False, sparse: bool = False) -> Picture:
        made = picture(surface, opaque=opaque, sparse=sparse)
        living.add(made.surface)  # type: ignore[attr-defined]
        return made

    monkeypatch.setattr(stage.backend, "picture", watched)
    after_warm_up = (0, 0, 0)
    for spin in range(1000):
        if spin % 100 == 0:
            stage = stage.show(face_of(3000))
        winner = spin * 7919 % 3000
        plan = SpinPlan(start=angle_in(stage.face, 0), rest=angle_in(stage.face, winner), turns=5)
        stage.view.draw(stage.at_tick(plan, 600 + spin % 300))
        stage.view.draw(stage.at_tick(plan, plan.ticks - 30))
        stage.view.draw(stage.result(winner, celebration_ms=700))
        if spin % 100 == 99:
            stage.view.draw(stage.result(winner))
            stage.view.draw(stage.idle(winner))
            gc.collect()
            if spin == 99:
                after_warm_up = (len(living), open_files(), pss_bytes())
    grown = pss_bytes() - after_warm_up[2]
    with capsys.disabled():
        sys.stdout.write(f"\n900 spins: {grown / 2**20:+.2f} MB, {len(living)} pictures\n")

    assert len(living) <= after_warm_up[0] + 2
    assert open_files() == after_warm_up[1]
    assert grown < 8 << 20
