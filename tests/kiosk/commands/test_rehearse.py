"""A rehearsal shows the real list, says so everywhere, and leaves one record behind."""

import contextlib
import os
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.commands.rehearse import rehearsal_of
from kiosk.commands.run import kiosk_on
from kiosk.config.command_line import RehearseOptions, RunOptions, parse
from kiosk.core.clock import SystemClock
from kiosk.core.errors import BusyError, RefusedError
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.devices.inputs import Action
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Adopt, Close, Open, Rehearsal
from kiosk.screen.scene import Scene
from kiosk.screen.view import View
from kiosk.session.open_session import open_session
from kiosk.snapshot.requests import CloseMessage
from tests.kiosk.scripted import scripted_kiosk, small_home
from tests.support import EVENT, KEY, audit_home, counted_bytes, hand_in, prize, publish, snapshot

pytestmark = pytest.mark.usefixtures("much_memory")


def options(home: Home) -> RunOptions:
    return RunOptions(home=home.root, window=(800, 480), backend="software", clock="simulated", fps=10, spins=2)


def files(home: Home) -> dict[str, bytes]:
    found = (path for path in home.root.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(home.root).as_posix(): path.read_bytes() for path in found}


def kinds(home: Home) -> list[type]:
    return [type(record.body) for record in read_records(home.ledger.read_bytes())]


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


def rehearse(home: Home) -> Home:
    """Rehearse two spins; returns the home that was thrown away."""
    with rehearsal_of(options(home), random_bytes=counted_bytes()) as thrown_away:
        with kiosk_on(thrown_away, random_bytes=counted_bytes()) as kiosk:
            kiosk.run()
        apart = Home(thrown_away.home)
        assert kinds(apart).count(Open) == 2
        assert not apart.ledger.is_relative_to(home.root)
    return apart


@pytest.mark.slow
def test_a_rehearsal_leaves_one_record_and_nothing_else(tmp_path: Path, scenes: list[Scene]) -> None:
    home = small_home(tmp_path)
    apart = rehearse(home)

    assert kinds(home) == [Adopt, Rehearsal]
    before = files(home)
    rehearse(home)
    after = files(home)

    assert kinds(home) == [Adopt, Rehearsal, Rehearsal]
    assert {name for name in after if after[name] != before.get(name)} == {
        "kiosk/ledger.jsonl",
        "kiosk/checkpoints.jsonl",
    }
    assert not apart.root.exists()
    audit_home(home)
    assert scenes
    assert all(scene.rehearsal == "REHEARSAL" for scene in scenes if scene.face is not None)
    assert {scene.outcome.provenance for scene in scenes if scene.outcome} == {"Rehearsal: not a draw"}


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.slow
def test_a_rehearsal_that_ends_leaves_no_font_open(tmp_path: Path) -> None:
    """Each one left some: pygame closes no font any more once it has quit."""
    home = small_home(tmp_path)
    before = open_fonts()
    with kiosk_on(replace(options(home), spins=0), random_bytes=counted_bytes()) as kiosk:
        kiosk.run()
        assert len(open_fonts()) > len(before)
    del kiosk

    assert len(open_fonts()) <= len(before)


def open_fonts() -> list[str]:
    """Return the font files that this process has open."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(str(link.readlink()))
    return [path for path in found if path.endswith((".ttf", ".otf", ".ttc"))]


@pytest.mark.slow
def test_a_list_with_prizes_and_public_entropy_can_be_rehearsed(tmp_path: Path, scenes: list[Scene]) -> None:
    home = Home(tmp_path)
    for path in (home.snapshots, home.trusted):
        path.mkdir(parents=True)
    trust(home.trusted, KEY.public)
    publish(home.snapshots, snapshot(prizes=(prize("mugs", 2),), entropy=("dice",)))

    rehearse(home)

    assert kinds(home) == [Adopt, Rehearsal]
    assert next(scene.prize for scene in scenes if scene.prize).title == "The mugs"


@pytest.mark.slow
def test_a_rehearsal_has_secrets_and_keys_of_its_own(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    with rehearsal_of(options(home), random_bytes=os.urandom) as thrown_away:
        with kiosk_on(thrown_away, random_bytes=os.urandom) as kiosk:
            kiosk.run()
        apart = Home(thrown_away.home)
        real, other = ({path.read_bytes() for path in one.secrets.iterdir()} for one in (home, apart))
        assert real.isdisjoint(other)
        assert home.kiosk_key.read_bytes() != apart.kiosk_key.read_bytes()
        assert {path.read_bytes() for path in home.trusted.iterdir()}.isdisjoint(
            path.read_bytes() for path in apart.trusted.iterdir()
        )


def test_without_a_published_list_there_is_nothing_to_rehearse(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.trusted.mkdir(parents=True)
    home.snapshots.mkdir()
    with pytest.raises(RefusedError, match="no published list"), rehearsal_of(options(home), random_bytes=os.urandom):
        pass


def test_a_closed_event_cannot_be_rehearsed(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    hand_in(home.snapshots, CloseMessage(event=EVENT))
    with scripted_kiosk(home, drawing=False) as kiosk:
        kiosk.run((4, Action.LEAVE), deeds=[(1, kiosk.look), (2, kiosk.look)])
    assert kinds(home)[-1] is Close

    with pytest.raises(RefusedError, match="closed"), rehearsal_of(options(home), random_bytes=os.urandom):
        pass


def test_nothing_is_rehearsed_while_a_kiosk_runs_on_the_home(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    with (
        open_session(home, clock=SystemClock(), random_bytes=os.urandom),
        pytest.raises(BusyError),
        rehearsal_of(options(home), random_bytes=os.urandom),
    ):
        pass


def test_the_command_line_knows_the_rehearsal(tmp_path: Path) -> None:
    found = parse(["rehearse", "--home", str(tmp_path), "--window", "800x480", "--spins", "3"])

    assert found == RehearseOptions(RunOptions(home=tmp_path, window=(800, 480), spins=3))
