"""A replay is the spin as it was: same winner, same plan, same pictures; and it leaves nothing behind."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.__main__ import main
from kiosk.commands.replay import decision_of, find, replay_of
from kiosk.core.clock import NS_PER_MS
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.intake.loader import face_of
from kiosk.intake.snapshot_files import fingerprint
from kiosk.screen.effects import filling
from kiosk.screen.scene import Scene
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.session.draw_decision import Decision
from kiosk.snapshot.requests import WithdrawMessage
from tests.support import KEY, Desk, listed, prize, publish, snapshot

pytestmark = pytest.mark.usefixtures("much_memory")

ONE = listed(snapshot(1, entropy=("dice",)))
PRIZES = (prize("mugs", 4, per_press=2), prize("rest", 9))
TWO = listed(snapshot(2, event="f" * 16, people=9, prizes=PRIZES, previous=ONE.s))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path) as desk:
        yield desk


def facts(decision: Decision) -> tuple[object, ...]:
    return (
        decision.generation,
        decision.spin,
        decision.mode,
        decision.index,
        decision.pool.tickets,
        decision.winners,
        decision.places,
        decision.plan,
        decision.level,
    )


def test_every_spin_of_a_ledger_comes_back_as_it_was_decided(desk: Desk) -> None:
    decided = []
    for content in (ONE, TWO):
        desk.session.adopt(content)
        lo, hi = desk.session.pool().segments.bounds(0)
        angle = (lo + hi) // 2
        if content is ONE:
            desk.enter("dice:3.1")
        for number in range(4):
            if number == 2:
                event = content.snapshot.event.id
                desk.take(WithdrawMessage(event=event, ticket=desk.session.pool().tickets[-1], reason="asked to"))
            decision = desk.session.press(start=angle)
            desk.session.shown(decision, duration_ms=11_000, frames=1)
            angle = decision.plan.rest
            decided.append((content, decision))

    for content, decision in decided:
        recorded = find(desk.records(), spin=decision.spin, generation=decision.generation, lists=desk.lists)
        assert recorded.s == content.s
        assert facts(decision_of(recorded, content)) == facts(decision)
    assert find(desk.records(), spin=1, generation=None, lists=desk.lists).opened.generation == 2


def test_a_replay_fills_the_board_of_a_press_for_many_places(desk: Desk) -> None:
    many = listed(snapshot(1, people=80, prizes=(prize("mugs", 45, per_press=45),)))
    desk.session.adopt(many)
    decision = desk.session.press(start=0)
    face = face_of(many, decision.pool)
    replay = replay_of(decision, many, face, at="2026-05-01T12:00:00.000Z", theme=BUILT_IN, caption=False)

    def after_rest(ms: int) -> Scene:
        return replay.scene_at((replay.spin_ms + ms) * NS_PER_MS)[1]

    names = [winner.name for winner in decision.winners]
    full = filling.full_ms(45)
    boards = [after_rest(ms).board for ms in (100, filling.BOARD_FROM_MS + 50, full + 50, replay.settled_ms + 50)]
    assert [board and board.shown for board in boards] == [0, 1, 22, 22]
    pages = [one for one in (boards[1], boards[3]) if one is not None]
    assert [cell.name for page in pages for cell in page.cells] == names
    assert after_rest(full + 50).rehearsal == after_rest(100).banner != ""  # the board covers the banner
    assert after_rest(full + 50).rehearsal.startswith("REPLAY")
    assert replay.scene_at((replay.spin_ms + replay.settled_ms + 50) * NS_PER_MS)[0] == "settled"
    assert replay.length_ms > replay.spin_ms + replay.settled_ms


def test_a_replay_of_one_winner_has_no_board(desk: Desk) -> None:
    desk.session.adopt(ONE)
    desk.enter("dice:3.1")
    decision = desk.session.press(start=0)
    replay = replay_of(decision, ONE, face_of(ONE, decision.pool), at="", theme=BUILT_IN, caption=False)

    assert replay.scene_at((replay.spin_ms + 60_000) * NS_PER_MS)[1].board is None


def test_a_spin_that_is_not_there_is_refused(desk: Desk) -> None:
    desk.adopt(snapshot())
    desk.spin()

    for spin, generation in ((2, None), (1, 2)):
        with pytest.raises(RefusedError, match=f"no spin {spin}"):
            find(desk.records(), spin=spin, generation=generation, lists=desk.lists)


def test_another_list_than_the_ledgers_is_refused(desk: Desk) -> None:
    one = desk.adopt(snapshot())
    desk.spin()
    desk.lists.add(one.s, snapshot(1, people=9))

    with pytest.raises(RefusedError, match="pool is not the one"):
        decision_of(find(desk.records(), spin=1, generation=None, lists=desk.lists), one)


def contents(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_the_command_shows_the_spin_marked_and_touches_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for directory in (home.snapshots, home.trusted):
        directory.mkdir(parents=True)
    trust(home.trusted, KEY.public)
    publish(home.snapshots, snapshot(people=6))
    common = ["--home", str(home.root), "--window", "800x480", "--backend", "software", "--clock", "simulated"]
    assert main(["run", *common, "--fps", "5", "--spins", "2", "--silent"]) == 0
    before = contents(home.root)
    print_before = fingerprint(sorted(home.kiosk.iterdir()))

    assert main(["replay", "--spin", "2", *common, "--fps", "5", "--screenshots", str(tmp_path / "shots")]) == 0

    assert contents(home.root) == before
    assert fingerprint(sorted(home.kiosk.iterdir())) == print_before
    assert sorted(path.name for path in (tmp_path / "shots").iterdir()) == ["idle.png", "settled.png", "spinning.png"]
    assert main(["replay", "--spin", "7", *common]) == 4
    assert main(["replay", "--spin", "1", "--home", str(tmp_path / "nowhere")]) == 7
