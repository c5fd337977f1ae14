"""A running kiosk begins a rehearsal from its diagnostics page, and goes on where it was when it ends."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.__main__ import main
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.devices.inputs import Action, Inputs
from kiosk.ledger.record import Adopt, Open, Rehearsal, Result, Shown
from kiosk.screen.scene import Phase, Scene
from kiosk.screen.view import View
from kiosk.supervise.systemd_notify import Notifier
from tests.kiosk.commands.test_rehearse import kinds
from tests.kiosk.scripted import scripted_kiosk, small_home
from tests.support import KEY, audit_home

pytestmark = pytest.mark.usefixtures("much_memory")


def run(home: Home) -> int:
    shown = ["--window", "800x480", "--backend", "software"]
    return main(["run", "--home", str(home.root), *shown, "--clock", "simulated", "--fps", "10", "--silent"])


@pytest.fixture
def scenes(monkeypatch: pytest.MonkeyPatch) -> list[Scene]:
    """Return every scene that is drawn."""
    seen: list[Scene] = []
    draw = View.draw

    def watched(view: View, scene: Scene) -> bool:
        seen.append(scene)
        return draw(view, scene)

    monkeypatch.setattr(View, "draw", watched)
    return seen


def press(monkeypatch: pytest.MonkeyPatch, scenes: list[Scene], *actions: Action) -> None:
    """Press these one after the other, each when the wheel stands idle."""
    waiting = iter(actions)

    def poll(inputs: Inputs) -> list[Action]:
        idle = bool(scenes) and scenes[-1].phase is Phase.INVITING
        action = next(waiting, None) if idle else None
        return [action] if action else []

    monkeypatch.setattr(Inputs, "poll", poll)


@pytest.mark.slow
def test_r_on_the_diagnostics_page_begins_a_rehearsal_and_r_ends_it(
    monkeypatch: pytest.MonkeyPatch, scenes: list[Scene], tmp_path: Path
) -> None:
    home, stopped_at = small_home(tmp_path / "home"), list[int]()
    monkeypatch.setattr(Notifier, "stopping", lambda _: stopped_at.append(len(scenes)))
    rehearsal = (Action.DIAGNOSE, Action.REHEARSE, Action.SPIN, Action.REHEARSE)
    press(monkeypatch, scenes, *rehearsal, Action.SPIN, Action.LEAVE)

    assert run(home) == 0

    assert kinds(home) == [Adopt, Rehearsal, Open, Result, Shown]
    audit_home(home)
    spins = [scene.rehearsal for scene in scenes if scene.phase is Phase.TURNING]
    assert spins == sorted(spins, reverse=True)
    assert set(spins) == {"REHEARSAL", ""}
    assert stopped_at == [len(scenes)]


@pytest.mark.slow
def test_leaving_a_rehearsal_leaves_the_kiosk(
    monkeypatch: pytest.MonkeyPatch, scenes: list[Scene], tmp_path: Path
) -> None:
    home = small_home(tmp_path / "home")
    press(monkeypatch, scenes, Action.DIAGNOSE, Action.REHEARSE, Action.LEAVE)

    assert run(home) == 0

    assert kinds(home) == [Adopt, Rehearsal]
    assert scenes[-1].rehearsal == "REHEARSAL"


@pytest.mark.slow
def test_without_a_published_list_the_kiosk_goes_on_without_a_rehearsal(
    monkeypatch: pytest.MonkeyPatch, scenes: list[Scene], tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    home.trusted.mkdir(parents=True)
    home.snapshots.mkdir()
    trust(home.trusted, KEY.public)
    press(monkeypatch, scenes, Action.DIAGNOSE, Action.REHEARSE, Action.SPIN, Action.LEAVE)

    assert run(home) == 0

    assert {scene.rehearsal for scene in scenes} == {""}
    assert any(scene.phase is Phase.TURNING for scene in scenes)


@pytest.mark.parametrize(
    "presses",
    [
        [(2.0, Action.REHEARSE)],
        [(2.0, Action.DIAGNOSE), (3.0, Action.DIAGNOSE), (4.0, Action.REHEARSE)],
        [(2.0, Action.SPIN), (4.0, Action.DIAGNOSE), (5.0, Action.REHEARSE)],
    ],
    ids=["from the idle screen", "after the page was closed", "while the wheel turns"],
)
def test_r_does_nothing(presses: list[tuple[float, Action]], tmp_path: Path) -> None:
    with scripted_kiosk(small_home(tmp_path), drawing=False) as kiosk:
        kiosk.run(*presses, (40.0, Action.LEAVE))

        assert not kiosk.kiosk.stage.rehearsal_asked
        assert kiosk.clock.monotonic_ns() >= 39 * 10**9
