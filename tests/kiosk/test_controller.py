"""The controller alone: events in, a stage and records out. No loop, no screen, no pictures."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from pygame import Surface

from kiosk.controller import Controller
from kiosk.core.clock import NS_PER_MS, NS_PER_S, ManualClock
from kiosk.core.home import Home
from kiosk.draw.modes import NATURAL_STEP, mixed
from kiosk.intake.arrivals import arrivals_of
from kiosk.intake.loader import Loader
from kiosk.ledger.event import NoSpin
from kiosk.ledger.reader import read_records
from kiosk.machine import State
from kiosk.presenter.absence_prompt import AbsencePrompt
from kiosk.screen.scene import Face
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.session.draw_session import Session
from kiosk.session.open_session import open_session
from kiosk.snapshot.requests import CloseMessage
from kiosk.stage import SETTLE_MS, Stage
from kiosk.supervise.disk import RETRY_MS, DiskGuard
from kiosk.supervise.run_report import RunReport
from kiosk.supervise.supervisor import Supervisor
from tests.full_disk import FullDisk, full_disk
from tests.kiosk.scripted import small_home
from tests.support import EVENT, counted_bytes, hand_in, publish, snapshot


class Blank:
    def learn(self, face: Face) -> None: ...

    def paint_wheel(self, face: Face, angle: int) -> Surface:
        return Surface((1, 1))


class Noting(Supervisor):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_motion(self) -> None:
        self.heard.append("motion")

    def on_rest(self) -> None:
        self.heard.append("rest")


@dataclass(frozen=True)
class Parts:
    controller: Controller
    stage: Stage
    session: Session
    home: Home
    loader: Loader
    disk: DiskGuard
    clock: ManualClock
    supervisor: Noting
    report: RunReport

    def turn_to_rest(self) -> None:
        spin = self.stage.spin
        assert spin is not None
        self.clock.advance_ns(12 * NS_PER_S)
        spin.motion.advance(self.clock.monotonic_ns())
        self.controller.turned()

    def kinds(self) -> list[str]:
        return [type(record.body).__name__.lower() for record in read_records(self.home.ledger.read_bytes())]


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    home, clock = small_home(tmp_path), ManualClock()
    with open_session(home, clock=clock, random_bytes=counted_bytes()) as books:
        session, clerk = books.session, books.clerk
        loader = Loader(home, session, Blank(), clock=clock)
        stage, disk, supervisor, report = Stage(), DiskGuard(home.kiosk, clock), Noting(), RunReport()
        controller = Controller(
            stage,
            session=session,
            arrivals=arrivals_of(loader, session, clerk, lambda: True),
            absence=AbsencePrompt(clerk, session, BUILT_IN.texts),
            disk=disk,
            supervisor=supervisor,
            clock=clock,
            report=report,
        )
        controller.load_first()
        controller.show_first()
        yield Parts(controller, stage, session, home, loader, disk, clock, supervisor, report)
        controller.close()


@pytest.fixture
def full() -> Iterator[FullDisk]:
    with full_disk() as disk:
        yield disk


def test_a_press_is_durable_before_the_wheel_moves(parts: Parts) -> None:
    parts.controller.press()

    assert parts.kinds() == ["adopt", "open", "result"]
    assert parts.stage.state is State.SPINNING
    assert parts.stage.spin is not None
    assert parts.stage.spin.motion.tick == 0
    assert parts.supervisor.heard == ["motion"]


def test_a_spin_that_comes_to_rest_is_recorded_and_its_result_stands(parts: Parts) -> None:
    parts.controller.press()
    assert parts.stage.spin is not None
    decision = parts.stage.spin.decision
    parts.controller.frame_presented(2.0)
    parts.turn_to_rest()

    assert parts.kinds() == ["adopt", "open", "result", "shown"]
    assert parts.stage.result is decision
    assert parts.stage.angle == decision.plan.rest
    assert parts.supervisor.heard == ["motion", "rest"]
    (spin,) = parts.report.spins
    assert (spin.ticket, spin.under_pointer, spin.frames) == (decision.entry.ticket, decision.entry.ticket, 1)


def test_presses_do_not_queue_while_the_wheel_turns_and_settles(parts: Parts) -> None:
    parts.controller.press()
    parts.controller.press()
    parts.turn_to_rest()
    parts.controller.press()
    parts.controller.settle()
    assert parts.stage.state is State.SETTLING

    parts.clock.advance_ns(SETTLE_MS * NS_PER_MS)
    parts.controller.settle()

    assert parts.stage.idle
    assert parts.kinds().count("open") == 1


def test_the_wheel_without_the_winner_is_painted_once_the_result_is_set(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = threading.Event()

    def paint_wheel(_: Blank, face: Face, angle: int) -> Surface:
        painted.set()
        return Surface((1, 1))

    monkeypatch.setattr(Blank, "paint_wheel", paint_wheel)
    parts.controller.press()
    parts.turn_to_rest()
    parts.controller.settle()
    assert not painted.wait(0.05)

    parts.clock.advance_ns(SETTLE_MS // 2 * NS_PER_MS)
    parts.controller.settle()
    assert painted.wait(10)


def test_a_result_dismissed_at_once_gives_way_to_a_wheel_without_its_winner(parts: Parts) -> None:
    parts.controller.press()
    assert parts.stage.spin is not None
    winner = parts.stage.spin.decision.entry.ticket
    parts.turn_to_rest()
    parts.controller.dismiss_result()

    assert parts.stage.wheel is not None
    assert winner not in parts.stage.wheel.face.tickets


def test_a_wheel_is_handed_over_once(parts: Parts) -> None:
    painted = parts.controller.take_wheel()

    assert painted is not None
    assert painted.wheel is parts.stage.wheel
    assert parts.controller.take_wheel() is None


def test_a_press_that_a_rule_forbids_says_why_and_moves_nothing(parts: Parts) -> None:
    publish(parts.home.snapshots, snapshot(2, previous=parts.session.floor.s, spins=mixed(NATURAL_STEP, then="stop")))
    parts.loader.look()
    parts.controller.idle()
    parts.controller.press()
    parts.turn_to_rest()
    parts.clock.advance_ns(SETTLE_MS * NS_PER_MS)
    parts.controller.settle()
    parts.controller.press()

    assert parts.stage.idle
    assert str(parts.controller.refusal) == NoSpin.SPINS_DONE
    assert parts.stage.problem == NoSpin.SPINS_DONE


def test_nothing_is_taken_in_while_a_spin_is_open(parts: Parts, full: FullDisk) -> None:
    """A list adopted now would leave a number without a result, which no verifier accepts."""
    full.full_from(full.count + 3)  # the `open` record takes two operations
    parts.controller.press()
    full.make_room()
    parts.disk.worked()
    publish(parts.home.snapshots, snapshot(2, previous=parts.session.floor.s, people=8))
    parts.loader.look()

    parts.controller.idle()

    assert parts.kinds() == ["adopt", "open"]
    assert parts.loader.mailbox.full


def test_an_open_spin_goes_on_by_itself_when_the_disk_has_room_again(parts: Parts, full: FullDisk) -> None:
    full.full_from(full.count + 3)
    parts.controller.press()
    assert parts.stage.idle
    assert not parts.controller.recorded
    full.make_room()
    parts.clock.advance_ns(RETRY_MS * NS_PER_MS)

    parts.controller.idle()

    assert parts.stage.state is State.SPINNING
    assert parts.controller.recorded
    assert parts.kinds() == ["adopt", "open", "result"]


def test_a_first_list_is_shown_once(parts: Parts) -> None:
    with pytest.raises(RuntimeError, match="shown already"):
        parts.controller.show_first()


# ---- the ledger's file, and what an organiser ends -------------------------------------------------------------------


def test_without_its_ledger_the_kiosk_stops_and_says_so(parts: Parts) -> None:
    """Seen in an attack: the ledger was deleted while the kiosk ran; spins went on, and their records were lost."""
    parts.controller.idle()
    moved = parts.home.ledger.rename(parts.home.root / "elsewhere")
    publish(parts.home.snapshots, snapshot(2, previous=parts.session.floor.s, people=8))
    parts.loader.look()
    parts.clock.advance_ns(2 * NS_PER_S)

    parts.controller.idle()
    parts.controller.press()
    parts.controller.report_absent()

    assert "was deleted, replaced or changed" in parts.stage.problem
    assert parts.stage.state is State.IDLE
    assert not parts.home.ledger.exists()
    assert parts.loader.mailbox.full, "a list waits as well"
    moved.rename(parts.home.ledger)
    parts.clock.advance_ns(2 * NS_PER_S)
    parts.controller.idle()
    assert parts.stage.problem == ""
    assert parts.kinds() == ["adopt", "adopt"]


def test_the_end_of_a_spin_waits_for_the_ledger(parts: Parts) -> None:
    parts.controller.press()
    moved = parts.home.ledger.rename(parts.home.root / "elsewhere")
    parts.turn_to_rest()
    assert "was deleted, replaced or changed" in parts.stage.problem

    moved.rename(parts.home.ledger)
    parts.clock.advance_ns(20 * NS_PER_S)
    parts.controller.settle()
    parts.controller.press()

    assert parts.kinds() == ["adopt", "open", "result", "shown", "open", "result"]


def test_closing_the_event_shows_tickets_from_then_on(parts: Parts) -> None:
    wheel = parts.stage.wheel
    assert wheel is not None
    assert wheel.face.names[0] == "Name E0001"
    hand_in(parts.home.snapshots, CloseMessage(event=EVENT))
    parts.loader.look()

    parts.controller.idle()

    wheel = parts.stage.wheel
    assert wheel is not None
    assert wheel.face.names[0] == "E0001"
    assert list(parts.home.adopted.glob("names-*")) == []
    assert parts.session.why_no_spin() == "This event is closed."


def test_closing_the_event_takes_the_names_of_the_last_winner_off_the_screen(parts: Parts) -> None:
    parts.controller.press()
    parts.turn_to_rest()
    parts.clock.advance_ns(5 * NS_PER_S)
    parts.controller.settle()
    assert parts.stage.result is not None
    hand_in(parts.home.snapshots, CloseMessage(event=EVENT))
    parts.loader.look()

    parts.controller.idle()

    assert parts.session.why_no_spin() == "This event is closed."
    assert parts.stage.result is None
