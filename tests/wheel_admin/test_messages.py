"""`wheel-admin entropy`, `absent` and `withdraw`: what is handed over is what the kiosk takes."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.errors import UsageError
from kiosk.core.key_files import load_trusted_keys
from kiosk.intake.request_files import read_message
from kiosk.snapshot.requests import ClaimMessage, EntropyMessage, WithdrawMessage
from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.room import Room, room_of
from wheel_admin.commands.publish.entropy import hand_in_entropy
from wheel_admin.ledger_report.beacon import check_round

SIGNATURE = "cd" * 48


def quicknet_round(moment: datetime) -> int:
    return int((moment.timestamp() - 1_692_803_367) // 3) + 1


@pytest.fixture
def room(desk: Desk, people: Callable[[int], Path]) -> Iterator[Room]:
    """A kiosk beside a desk with ten entries, published; it has not looked yet."""
    desk.do("import", people(10))
    desk.do("publish")
    with room_of(desk) as room:
        yield room


def plan(desk: Desk, *items: str) -> None:
    desk.do("entropy", "plan", *items)
    desk.do("publish")


def test_planned_entropy_goes_from_the_command_line_into_the_draw(room: Room, desk: Desk) -> None:
    plan(desk, "dice")
    room.adopt()
    assert room.session.why_no_spin() == "Waiting for public entropy: dice."

    answer = desk.do("entropy", "dice:3.1.6.6.2.4")

    assert (answer["generation"], answer["level"], answer["text"]) == (2, "live", "dice:3.1.6.6.2.4")
    assert answer["missing"] == []
    assert room.look() == [None]
    assert room.session.why_no_spin() is None
    room.spin()
    assert desk.do("draws")["draws"][0]["draw"]["entropy"] == ["dice:3.1.6.6.2.4"]


def test_the_entropy_message_is_bound_to_list_anchor_and_kiosk(room: Room, desk: Desk) -> None:
    plan(desk, "dice")
    room.adopt()
    answer = desk.do("entropy", "dice:3.1.6.6.2.4")
    current = room.books.ledger.history.current
    assert current is not None

    message = read_message(Path(answer["file"]), keys=load_trusted_keys(desk.home.trusted)).message

    assert message == EntropyMessage(
        event=desk.draft.event.id,
        snapshot=current.snapshot,
        anchor=current.anchor,
        kiosk=room.session.kiosk_id,
        text="dice:3.1.6.6.2.4",
    )


@pytest.mark.slow
def test_several_items_are_handed_in_in_the_planned_order(room: Room, desk: Desk) -> None:
    plan(desk, "audience", "lottery:6aus49 on 2026-05-02")
    room.adopt()
    lottery = "lottery:6aus49 on 2026-05-02:4 11 23 31 40 48"
    assert "waits for audience" in desk.error("entropy", lottery, code=2)["message"]

    first = desk.do("entropy", "audience:seven purple umbrellas")

    assert first["missing"] == ["lottery:6aus49 on 2026-05-02"]
    assert room.look() == [None]
    assert desk.do("entropy", lottery)["missing"] == []
    assert set(room.look()) == {None}
    assert room.session.why_no_spin() is None


def test_entropy_is_taken_for_a_list_whose_published_file_is_gone(room: Room, desk: Desk) -> None:
    """Found by enumerating power cuts: the kiosk adopts a file whose name is not on the disk yet."""
    plan(desk, "dice")
    room.adopt()
    desk.home.snapshot(2).unlink()

    assert desk.do("entropy", "dice:3.1.6.6.2.4")["generation"] == 2
    room.look()
    room.spin()


def test_a_list_without_planned_entropy_takes_none(room: Room, desk: Desk) -> None:
    room.adopt()
    error = desk.error("entropy", "dice:1.2.3", code=4)

    assert "names no public entropy" in error["message"]
    assert "entropy plan dice" in error["remedy"]


def test_entropy_that_is_complete_is_not_changed(room: Room, desk: Desk) -> None:
    plan(desk, "dice")
    room.adopt()
    desk.do("entropy", "dice:1.2.3")
    assert room.look() == [None]

    assert "has all the public entropy" in desk.error("entropy", "dice:6.6.6", code=4)["message"]


def test_entropy_before_the_kiosk_shows_the_list_is_refused(room: Room, desk: Desk) -> None:
    assert "does not show generation 1" in desk.error("entropy", "dice:1.2.3", code=4)["message"]


@pytest.mark.slow
def test_entropy_for_a_list_that_left_the_wheel_is_refused_by_the_kiosk(room: Room, desk: Desk) -> None:
    plan(desk, "dice")
    room.adopt()
    desk.do("entropy", "dice:1.2.3")
    desk.do("publish", "--force")
    room.adopt()

    (refused,) = room.look()
    assert refused is not None
    assert "another list or another anchor" in refused
    assert desk.do("entropy", "dice:4.5.6")["generation"] == 3


@pytest.mark.slow
def test_a_text_is_signed_for_a_second_anchor_only_when_that_is_said(room: Room, desk: Desk) -> None:
    plan(desk, "dice")
    room.adopt()
    desk.do("entropy", "dice:1.2.3")
    assert desk.do("entropy", "dice:1.2.3")["generation"] == 2  # the same anchor
    desk.do("publish", "--force")
    room.adopt()
    requests = sorted(desk.home.snapshots.glob("request-*"))

    error = desk.error("entropy", "dice:1.2.3", code=4)

    assert "was signed before, for anchor" in error["message"]
    assert "--same-text" in error["remedy"]
    assert "was signed before" in desk.error("entropy", "dice:01.2.03", code=4)["message"]  # written otherwise
    assert sorted(desk.home.snapshots.glob("request-*")) == requests
    assert desk.do("entropy", "dice:1.2.3", "--same-text")["generation"] == 3
    assert desk.home.signed_entropy.stat().st_mode & 0o777 == 0o600


def test_a_second_text_of_one_item_is_not_signed_for_the_same_anchor(room: Room, desk: Desk) -> None:
    plan(desk, "dice")
    room.adopt()
    desk.do("entropy", "dice:1.2.3")
    requests = sorted(desk.home.snapshots.glob("request-*"))

    error = desk.error("entropy", "dice:1.2.4", "--same-text", code=4)

    assert "choose between the two" in error["message"]
    assert sorted(desk.home.snapshots.glob("request-*")) == requests
    desk.do("publish", "--force")
    room.adopt()
    assert desk.do("entropy", "dice:1.2.4")["generation"] == 3


@pytest.mark.slow
def test_a_damaged_record_of_signed_texts_is_told_and_not_overwritten(room: Room, desk: Desk) -> None:
    plan(desk, "dice")
    room.adopt()
    desk.home.signed_entropy.write_text("{")

    assert "signed-entropy.json cannot be understood" in desk.error("entropy", "dice:1.2.3", code=7)["message"]
    assert desk.home.signed_entropy.read_text() == "{"


@pytest.mark.slow
@pytest.mark.parametrize("text", ["coin:heads", "dice:heads", "dice", "lottery:x:1"])
def test_entropy_that_is_not_what_the_list_waits_for_is_a_usage_error(room: Room, desk: Desk, text: str) -> None:
    plan(desk, "dice")
    room.adopt()

    assert "waits for dice" in desk.error("entropy", text, code=2)["message"]


def test_two_texts_at_once_are_a_usage_error(room: Room, desk: Desk) -> None:
    assert "in quotes" in desk.error("entropy", "audience:seven", "umbrellas", code=2)["remedy"]


@pytest.mark.parametrize("items", [("coin",), ("dice", "dice"), ("drand:quicknet:x",), ()])
def test_what_no_list_can_name_cannot_be_planned(desk: Desk, items: tuple[str, ...]) -> None:
    desk.error("entropy", "plan", *items, code=2)
    assert desk.draft.entropy == ()


def test_a_plan_is_kept_in_the_draft_and_can_be_dropped(desk: Desk) -> None:
    assert desk.do("entropy", "plan", "dice", "lottery:6aus49")["level"] == "public"
    assert list(desk.draft.entropy) == ["dice", "lottery:6aus49"]
    assert desk.do("entropy", "plan", "none")["level"] == "sealed"
    assert not desk.draft.entropy


@pytest.mark.parametrize(("item", "told"), [("drand:quicknet:99000000", True), ("dice", False)])
def test_who_plans_a_round_that_cannot_be_checked_is_told_in_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, item: str, *, told: bool
) -> None:
    monkeypatch.setattr("wheel_admin.commands.publish.entropy.can_check", lambda: False)

    assert ("pipx inject wheel-kiosk py_ecc" in desk.run("entropy", "plan", item).err) is told


@pytest.mark.slow
def test_a_drand_round_from_before_the_commitment_or_the_future_is_refused(room: Room, desk: Desk) -> None:
    early = f"drand:quicknet:{quicknet_round(datetime.now(UTC)) - 1}"
    plan(desk, early)
    room.adopt()
    assert "before the kiosk committed" in desk.error("entropy", f"{early}:{SIGNATURE}", code=4)["message"]

    late = f"drand:quicknet:{quicknet_round(datetime.now(UTC) + timedelta(hours=1))}"
    plan(desk, late)
    room.adopt()
    assert "cannot be known yet" in desk.error("entropy", f"{late}:{SIGNATURE}", code=4)["message"]


@pytest.mark.slow
@pytest.mark.parametrize("library", [True, False])
def test_a_wrong_signature_of_a_drand_round_is_refused_where_it_can_be_checked(
    room: Room, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, library: bool
) -> None:
    if not library:
        (tmp_path / "py_ecc").mkdir()
        (tmp_path / "py_ecc" / "__init__.py").write_text("raise ImportError")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    soon = datetime.now(UTC) + timedelta(hours=1)
    item = f"drand:quicknet:{quicknet_round(soon)}"
    plan(desk, item)
    room.adopt()
    later = ManualClock(utc=soon + timedelta(hours=1))
    if library:
        with pytest.raises(UsageError, match="not the signature of round"):
            hand_in_entropy(desk.home, f"{item}:{SIGNATURE}", clock=later)
        assert not list(desk.home.snapshots.glob("request-*"))
    else:
        assert hand_in_entropy(desk.home, f"{item}:{SIGNATURE}", clock=later).checked is False


@pytest.mark.slow
def test_the_signature_of_a_drand_round_is_checked_by_the_verifier_itself() -> None:
    assert check_round(
        "drand:quicknet:1000:"
        "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
    )


@pytest.mark.slow
def test_an_absent_winner_goes_from_the_command_line_into_the_ledger(room: Room, desk: Desk) -> None:
    room.adopt()
    assert "No spin was shown" in desk.error("absent", code=4)["message"]
    room.spin()
    last = room.spin()

    answer = desk.do("absent")

    assert (answer["spin"], answer["ticket"], answer["place"]) == (2, last, 2)
    message = read_message(Path(answer["file"]), keys=load_trusted_keys(desk.home.trusted)).message
    assert message == ClaimMessage(event=desk.draft.event.id, prize="", place=2, ticket=last, state="absent")
    assert room.look() == [None]
    assert [draw["draw"]["state"] for draw in desk.do("draws")["draws"]] == ["held", "absent"]
    assert "absent already" in desk.error("absent", code=4)["message"]
    assert "Spin 7" in desk.error("absent", "--spin", "7", code=4)["message"]
    assert "to ticket T9999" in desk.error("absent", "--ticket", "T9999", code=4)["message"]


@pytest.mark.slow
def test_a_withdrawal_goes_from_the_command_line_to_the_wheel(room: Room, desk: Desk) -> None:
    room.adopt()

    answer = desk.do("withdraw", "T0003", "--reason", "asked to be left out")

    message = read_message(Path(answer["file"]), keys=load_trusted_keys(desk.home.trusted)).message
    assert message == WithdrawMessage(event=desk.draft.event.id, ticket="T0003", reason="asked to be left out")
    assert room.look() == [None]
    assert room.session.pool().index_of("T0003") is None
    assert "withdrawn already" in desk.error("withdraw", "T0003", "--reason", "again", code=4)["message"]
    assert "no ticket T9999 on the list" in desk.error("withdraw", "T9999", "--reason", "who", code=4)["message"]


@pytest.mark.slow
def test_prune_deletes_requests_once_the_ledger_holds_them(room: Room, desk: Desk) -> None:
    """They stayed for ever: a directory that only grows, looked through at every rescan."""
    room.adopt()
    desk.do("withdraw", "T0003", "--reason", "asked to be left out")
    assert room.look() == [None]
    heard = {path.name for path in desk.home.snapshots.glob("request-*.json")}
    desk.do("withdraw", "T0005", "--reason", "ill")
    before = {path.name for path in desk.home.snapshots.iterdir()}

    would = desk.do("prune", "--keep", "1", "--dry-run")
    assert {path.name for path in desk.home.snapshots.iterdir()} == before
    done = desk.do("prune", "--keep", "1")

    assert would["requests"] == done["requests"] == sorted(heard)
    assert before - {path.name for path in desk.home.snapshots.iterdir()} == heard


@pytest.mark.slow
def test_prune_deletes_requests_that_the_kiosk_refused(room: Room, desk: Desk) -> None:
    plan(desk, "dice")
    room.adopt()
    desk.do("entropy", "dice:1.2.3")
    desk.do("publish", "--force")
    room.adopt()
    (name,) = (path.name for path in desk.home.snapshots.glob("request-*.json"))
    assert room.look() != [None]

    assert desk.do("prune", "--keep", "1")["requests"] == [name]


@pytest.mark.slow
def test_a_correction_keeps_winners_off_the_wheel_and_spins_counted(room: Room, desk: Desk) -> None:
    """Publishing a typo's correction brought all winners back."""
    room.adopt()
    winner = room.spin()
    desk.do("entries", "rename", winner, "Spelt right")
    assert desk.do("publish")["standing"] == "correction"
    room.adopt()

    assert room.session.pool().index_of(winner) is None
    assert room.spin() != winner
    assert [one["draw"]["spin"] for one in desk.do("draws")["draws"]] == [1, 2]


@pytest.mark.slow
def test_a_correction_without_a_winner_is_refused_with_the_ways_that_are_open(room: Room, desk: Desk) -> None:
    room.adopt()
    winner = room.spin()
    told = desk.run("entries", "remove", winner).err
    assert f"Publishing this would be refused: ticket {winner} got a place" in told
    assert "What is open: Put the tickets back" in told
    desk.do("undo")
    others = desk.text("others.csv", "Ticket,Name\n9001,Ana Ruiz\n")
    assert "Publishing this would be refused: " in desk.run("import", others, "--replace").err

    error = desk.error("publish", code=4)

    assert error["problems"] == [f"ticket {winner} got a place and is not on the new list"]
    assert "wheel-admin withdraw" in error["remedy"]
    assert "wheel-admin event new" in error["remedy"]
    assert not desk.home.snapshot(2).exists()
    desk.do("event", "new")
    assert desk.do("publish")["standing"] == "new event"


def test_rules_are_fixed_from_the_first_spin_of_an_event(room: Room, desk: Desk) -> None:
    room.adopt()
    desk.do("winners", "keep")
    assert desk.do("publish", "--dry-run")["standing"] == "correction"
    room.spin()

    error = desk.error("publish", code=4)

    assert "the rules changed" in error["problems"][0]
    assert "Set the rules back" in error["remedy"]
    desk.do("prizes", "add", "Door prize")
    assert "Leave prizes" not in desk.error("publish", code=4)["remedy"], "no drawn prize changes"


@pytest.mark.slow
def test_an_event_that_was_left_takes_no_further_list(room: Room, desk: Desk) -> None:
    room.adopt()
    desk.do("event", "new")
    desk.do("publish")
    room.adopt()

    error = desk.error("republish", "1", code=4)

    assert "was left for another one" in error["message"]
