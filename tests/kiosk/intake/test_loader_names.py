"""The loader and names, corrections, and lists that are on the wheel already."""

from kiosk.core.clock import ManualClock
from kiosk.core.home import Home, names_name
from kiosk.intake.loader import Loader
from kiosk.intake.verdict_cache import SETTLE_NS
from kiosk.ledger.record import Close
from kiosk.session.draw_session import Session
from tests.kiosk.intake.loading import Painter, arrived, refused, settled
from tests.support import names_of, publish, snapshot


def test_a_list_without_its_names_file_waits_for_it(home: Home, loader: Loader, clock: ManualClock) -> None:
    loader.look()
    assert arrived(loader) == 1
    content = snapshot(2)
    publish(home.snapshots, content)
    names = home.snapshots / names_name(content.names)
    names.unlink()

    loader.look()
    assert not loader.mailbox.full
    assert refused(loader) == [], "it may still be on its way"
    clock.advance_ns(SETTLE_NS)
    loader.look()
    assert refused(loader) == ["snapshot-000002.json"]
    names.write_bytes(names_of(content))
    loader.look()

    assert arrived(loader) == 2
    assert refused(loader) == []


def test_a_list_on_the_wheel_whose_names_are_gone_shows_tickets(home: Home, loader: Loader, session: Session) -> None:
    """Deleting the names file erases the names and leaves the proof."""
    first = loader.first()
    assert first.listed.shown_name("E0001") == "Name E0001"
    session.adopt(first.listed)
    for path in home.snapshots.glob("names-*"):
        path.unlink()

    again = loader.first()

    assert again.listed.s == first.listed.s
    assert again.painted.wheel.face.names == [entry.ticket for entry in first.listed.snapshot.entries]


def test_a_correction_that_rewrites_what_happened_is_refused_by_name(
    home: Home, loader: Loader, session: Session, clock: ManualClock
) -> None:
    session.adopt(loader.first().listed)
    decision = session.press(start=0)
    session.shown(decision, duration_ms=1, frames=1)
    others = tuple(entry for entry in snapshot().entries if entry.ticket != decision.entry.ticket)
    publish(home.snapshots, snapshot(2, people=others, previous=session.floor.s))

    settled(loader, clock)

    assert not loader.mailbox.full
    assert [refusal.path.name for refusal in loader.refusals] == ["snapshot-000002.json"]
    assert f"ticket {decision.entry.ticket} got a place" in loader.refusals[0].error.message
    publish(home.snapshots, snapshot(3))
    loader.look()
    assert arrived(loader) == 3


def test_one_damaged_newest_file_does_not_make_older_ones_wrong(
    home: Home, loader: Loader, session: Session, clock: ManualClock
) -> None:
    publish(home.snapshots, snapshot(2))
    session.adopt(loader.first().listed)
    home.snapshot(2).write_bytes(b"damaged")


def test_a_damaged_newest_file_is_the_only_one_refused(home: Home, session: Session, clock: ManualClock) -> None:
    """All older lists were called refused with it, since each is below the highest generation ever adopted."""
    for generation in (1, 2, 3):
        publish(home.snapshots, snapshot(generation))
    loader = Loader(home, session, Painter(), clock=clock)
    prepared = loader.first()
    session.adopt(prepared.listed, prepared.chain)
    publish(home.snapshots, snapshot(3), data=b"damaged")

    settled(loader, clock)
    assert refused(loader) == ["snapshot-000003.json"]

    again = Loader(home, session, Painter(), clock=clock)
    again.first()
    assert refused(again) == ["snapshot-000003.json"]


def test_an_old_list_that_is_the_newest_here_is_named(home: Home, session: Session, clock: ManualClock) -> None:
    for generation in (1, 2, 3):
        publish(home.snapshots, snapshot(generation))
    loader = Loader(home, session, Painter(), clock=clock)
    prepared = loader.first()
    session.adopt(prepared.listed, prepared.chain)
    home.snapshot(3).unlink()

    settled(loader, clock)

    assert refused(loader) == ["snapshot-000002.json"]


def test_the_list_of_an_unfinished_spin_needs_no_trusted_key(home: Home, loader: Loader, session: Session) -> None:
    first = loader.first()
    session.adopt(first.listed)
    session.press(start=0)
    for path in home.trusted.iterdir():
        path.unlink()

    assert loader.first().listed.s == first.listed.s


def test_a_closed_event_is_shown_by_tickets(home: Home, loader: Loader, session: Session) -> None:
    first = loader.first()
    session.adopt(first.listed)
    session._ledger.append(Close(event=first.listed.snapshot.event.id, request="0" * 64))

    assert loader.first().listed.names == {}
