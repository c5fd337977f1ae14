"""The benchmark's own instruments: what they count is there, and they notice when it is not."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pygame
import pygame.freetype
import pytest

from bench import frames, plans, presses, processes
from bench.document import as_markdown
from bench.figure import Figure
from kiosk.screen.backends.adapter import Backend
from kiosk.screen.backends.opening import open_backend
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.view import View
from tests.kiosk.screen.stage import face_of, software_stage


@pytest.fixture
def backend() -> Iterator[Backend]:
    pygame.font.init()
    pygame.freetype.init()
    opened = open_backend("software", (1920, 1080), vsync=False)
    yield opened
    opened.close()


@pytest.mark.slow
def test_a_spin_is_measured_beside_a_blit_and_a_naive_loop(backend: Backend) -> None:
    costs = frames.measure(backend, entries=3000, naive=True, targets=10)

    assert (costs.entries, costs.on_target, costs.targets) == (3000, 10, 10)
    assert costs.blit_ms is not None
    assert costs.repeated_blit_ms is not None
    assert costs.naive_ms is not None
    assert 0 < costs.cpu_ms <= costs.cpu_p99_ms


@pytest.mark.slow
def test_presses_for_many_places_are_measured_to_the_disk_and_on_the_board(tmp_path: Path) -> None:
    costs = presses.measure(tmp_path)

    assert len(costs.durable_ms) == presses.PRESSES
    assert presses.PLACES * 8 < costs.record_bytes < 64 * 1024
    assert 0 < costs.frame_ms <= costs.frame_p99_ms


def test_a_name_that_is_not_in_the_strip_is_not_read_from_it() -> None:
    stage = software_stage(face_of(60))
    view: View = stage.view
    picture = view.capture(stage.idle())
    right, wrong = (
        Typesetter({}).render(stage.face.names[index], view.layout.name_size, BUILT_IN.text) for index in (0, 30)
    )

    assert frames.shows_name(picture, view.layout, right)
    assert not frames.shows_name(picture, view.layout, wrong)


def test_plans_on_target_are_counted() -> None:
    assert plans.on_target(1000) == 1000


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads memory from /proc")
def test_growth_is_measured_over_the_spins_made_on_a_share_of_a_core(tmp_path: Path) -> None:
    published = processes.publish_three_thousand(tmp_path, 1)

    _, spins = processes.growth_mb(published.home, 60)
    held = processes.kiosk(
        published.home, "--backend", "software", "--spins", "1", "--clock", "simulated", "--fps", "2", share=0.5
    )

    assert spins == 60
    assert held is not None
    assert len(held.spins) == 1
    assert processes.kiosk(published.home, "--backend", "gpu", "--spins", "1") is None  # none on the dummy driver


def test_the_document_has_every_figure_and_each_load_test_by_its_name() -> None:
    figures = [Figure("spin time", "11 000 ms", "3 of 3", reached=True), Figure("a | b", "-", "no", reached=False)]
    text = as_markdown(figures, runs=3)

    assert "| spin time | 11 000 ms | 3 of 3 | yes |" in text
    assert "| a \\| b | - | no | **no** |" in text
    for name in ("3000 entries", "back to back", "publish in idle", "publish in a spin", "100 fixed spins", "leak"):
        assert f"| {name} | `" in text
