"""A lost secret, an unreadable one, and a full disk: nothing is drawn again."""

import pytest

from kiosk.core.errors import HomeError, RefusedError
from kiosk.draw.protocol import digest
from kiosk.ledger.record import Adopt, Note, Open, Result, Shown, Void
from tests.kiosk.spins import TEN, PowerCut, cut_power, full_disk, results
from tests.support import Desk, listed, snapshot

# ---- lost secrets ---------------------------------------------------------------------------------------------------

ASK_FOR_A_LIST = "The secret of this list is lost: publish it again."


def test_a_secret_lost_before_anything_was_drawn_or_entered_is_replaced(desk: Desk) -> None:
    desk.session.adopt(TEN)
    desk.lose_secrets()
    desk.restart()

    desk.session.adopt(TEN)

    assert desk.kinds() == ["adopt", "note", "adopt"]
    one, two = [body for body in desk.bodies() if isinstance(body, Adopt)]
    assert one.anchor != two.anchor
    assert one.generation == two.generation
    assert desk.bodies()[1] == Note(text=f"The secret of anchor {one.anchor} is lost: adopted again.")
    assert desk.spin().spin == 1


@pytest.mark.parametrize("what", ["spin", "entropy"])
def test_a_secret_lost_later_draws_nothing_until_a_new_publication(desk: Desk, what: str) -> None:
    """Seen in an attack: the secret was deleted until the wanted winner was next."""
    first = desk.adopt(snapshot(entropy=("dice",)))
    desk.enter("dice:3")
    if what == "spin":
        desk.spin()
    before = desk.kinds()
    desk.lose_secrets()
    desk.restart()

    desk.session.adopt(first)

    assert desk.kinds() == before
    assert desk.session.why_no_spin() == ASK_FOR_A_LIST
    with pytest.raises(RefusedError, match="publish it again"):
        desk.session.press(start=0)
    assert desk.kinds() == before
    desk.adopt(snapshot(2))
    assert desk.spin().spin == (2 if what == "spin" else 1)


def test_a_secret_that_is_damaged_in_one_place_is_not_lost(desk: Desk) -> None:
    desk.session.adopt(TEN)
    desk.spin()
    for place in desk.secrets_directories:
        for path in place.iterdir():
            path.write_bytes(bytes(65))
        desk.restart()
        desk.session.adopt(TEN)
        desk.spin()

    assert desk.kinds().count("adopt") == 1


def test_an_unreadable_secret_is_waited_for(desk: Desk) -> None:
    """Seen in an attack: a secret that was unreadable for one start was replaced, and the old one deleted."""
    desk.session.adopt(TEN)
    first = desk.spin()
    before = desk.kinds()
    hidden = []
    for place in desk.secrets_directories:
        (path,) = place.iterdir()
        hidden.append((path, path.read_bytes()))
        path.unlink()
        path.mkdir()
    desk.restart()

    desk.session.adopt(TEN)

    assert "is not lost" in (desk.session.why_no_spin() or "")
    assert desk.session.check_files() == desk.session.why_no_spin()
    with pytest.raises(RefusedError, match="is not lost"):
        desk.session.press(start=0)
    assert desk.kinds() == before
    for path, content in hidden:
        path.rmdir()
        path.write_bytes(content)
    assert desk.session.check_files() == ""
    second = desk.spin()
    assert (second.spin, desk.kinds().count("adopt")) == (2, 1)
    one, two = results(desk)
    assert digest(bytes.fromhex(two.reveal)) == one.reveal
    assert first.entry != second.entry


def test_a_spin_that_was_decided_is_shown_without_its_secret(desk: Desk) -> None:
    desk.session.adopt(TEN)
    decision = desk.session.press(start=0)
    desk.lose_secrets()
    desk.restart()
    desk.session.adopt(TEN)

    resumed = desk.session.resume(start=0)
    assert resumed.entry == decision.entry
    desk.session.shown(resumed, duration_ms=11_000, frames=660)

    assert desk.kinds() == ["adopt", "open", "result", "shown"]
    assert desk.session.why_no_spin() == ASK_FOR_A_LIST


def test_a_spin_that_was_only_opened_ends_as_void(desk: Desk) -> None:
    desk.session.adopt(TEN)
    cut_power(desk, 1, after=True)
    with pytest.raises(PowerCut):
        desk.session.press(start=0)
    desk.lose_secrets()
    desk.restart()
    desk.session.adopt(TEN)

    assert desk.bodies()[-1] == Void(spin=1, reason="its secret is lost")
    assert desk.session.unfinished_s is None
    assert desk.session.why_no_spin() == "A spin could not be decided: publish the list again."
    with pytest.raises(RefusedError, match="publish the list again"):
        desk.session.press(start=0)
    desk.adopt(snapshot(2))
    assert desk.spin().spin == 2


def test_superseded_secrets_are_forgotten_and_the_current_one_is_kept(desk: Desk) -> None:
    desk.session.adopt(TEN)
    desk.session.adopt(listed(snapshot(2, previous=desk.session.floor.s)))
    desk.session.commit()  # for a list that was never adopted
    desk.restart()

    desk.session.forget_superseded_secrets()

    last = desk.bodies()[-1]
    assert isinstance(last, Adopt)
    for place in desk.secrets_directories:
        assert [path.name for path in place.iterdir()] == [f"{last.anchor}.secret"]


def test_before_the_first_adoption_no_secret_is_superseded(desk: Desk) -> None:
    desk.session.commit()

    desk.session.forget_superseded_secrets()

    assert [len(list(place.iterdir())) for place in desk.secrets_directories] == [1, 1]


# ---- full disks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Open, Result], ids=lambda kind: kind.__name__)
def test_a_disk_full_while_deciding_loses_nothing_and_the_next_press_goes_on(desk: Desk, kind: type) -> None:
    desk.session.adopt(TEN)
    for _ in range(3):
        with full_disk(kind), pytest.raises(HomeError, match="Free some space"):
            desk.session.press(start=0)
        assert desk.kinds() == (["adopt"] if kind is Open else ["adopt", "open"])

    decision = desk.spin()

    assert decision.spin == 1
    assert desk.kinds() == ["adopt", "open", "result", "shown"]


def test_a_disk_full_on_shown_shows_the_same_spin_again(desk: Desk) -> None:
    desk.session.adopt(TEN)
    decision = desk.session.press(start=0)
    with full_disk(Shown), pytest.raises(HomeError):
        desk.session.shown(decision, duration_ms=11_000, frames=660)

    again = desk.spin()

    assert (again.spin, again.entry) == (1, decision.entry)
    assert desk.kinds() == ["adopt", "open", "result", "shown"]
    assert desk.spin().spin == 2
