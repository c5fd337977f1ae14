"""One spin from press to record, and that no power cut, full disk or lost secret changes who wins."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.core.errors import HomeError, LedgerBroken, RefusedError, RewritesThePast
from kiosk.draw.modes import NATURAL_STEP, Spins, fixed, fixed_step, mixed, turn_for
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import Chain, Press, digest, landing, sample
from kiosk.draw_decision import Decision
from kiosk.intake.snapshot_files import Floor
from kiosk.ledger import secret_store as secrets_module
from kiosk.ledger.record import Adopt, Note, Open, Record, Refused, Result, Shown, Void
from kiosk.ledger.refusals import MOST_REFUSED
from kiosk.snapshot.model import Entry, Listed
from kiosk.snapshot.requests import WithdrawMessage
from kiosk.snapshot.sample import SAMPLE
from kiosk.wheel.angle import TURN, normalize
from kiosk.wheel.spin import SPIN_TICKS
from tests.support import EVENT, KEY, SECRET, Desk, entries, fixed_bytes, listed, prize, rules, snapshot

SHORT_CHAIN = 60
"""A chain of 16384 links takes 10 ms, which these tests need not spend a thousand times."""
TEN = listed(snapshot())
OTHER = "fedcba9876543210"


@pytest.fixture
def short_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=SHORT_CHAIN))


@pytest.fixture
def desk(tmp_path: Path, short_chains: None) -> Iterator[Desk]:
    with Desk(tmp_path) as desk:
        yield desk


def results(desk: Desk) -> list[Result]:
    return [body for body in desk.bodies() if isinstance(body, Result)]


def tickets(decisions: list[Decision]) -> list[str]:
    return [decision.entry.ticket for decision in decisions]


def withdraw(desk: Desk, ticket: str) -> None:
    assert desk.take(WithdrawMessage(event=EVENT, ticket=ticket, reason="ill")) is None


class PowerCut(BaseException):
    """Ends everything at once; nothing of ours handles it. Without a restart it is an error that the loop survives."""


def cut_power(desk: Desk, number: int, *, after: bool) -> None:
    """Let the `number`-th append from now (from 1) be a power cut, before or after the record is durable."""
    append, calls = desk.ledger.append, iter(range(1, 1000))

    def cutting(body: Any) -> Record:
        if next(calls) != number:
            return append(body)
        if after:
            append(body)
        raise PowerCut

    desk.ledger.append = cutting  # type: ignore[method-assign]


@contextmanager
def full_disk(kind: type) -> Iterator[None]:
    """Let the disk be full for records of that kind: a part of the line fits, the rest does not."""
    write = os.write
    marker = f'"type":"{kind.__name__.lower()}"'.encode()

    def full(descriptor: int, data: Any) -> int:
        if marker in bytes(data):
            return write(descriptor, bytes(data)[:20])
        if bytes(data).endswith(b"}\n") and not bytes(data).startswith(b"{"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", full)
        yield


# ---- what a spin is -------------------------------------------------------------------------------------------------


def test_a_spin_is_open_result_shown_after_one_adopt(desk: Desk) -> None:
    desk.session.adopt(TEN)
    desk.spin()
    desk.spin()

    assert desk.kinds() == ["adopt", "open", "result", "shown", "open", "result", "shown"]


def test_the_name_the_pointer_and_the_record_are_one_integer(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(people=entries(50, weights=range(1, 51)))))
    for _ in range(20):
        decision = desk.session.press(start=12345)
        result = results(desk)[-1]
        desk.session.shown(decision, duration_ms=11_000, frames=660)

        assert decision.pool.tickets[decision.index] == decision.entry.ticket == result.winners[0]
        assert decision.pool.segments.at(decision.plan.angle_at(SPIN_TICKS)) == decision.index
        assert decision.pool.segments.at(result.rest) == decision.index
        assert (decision.plan.start, decision.plan.rest, decision.plan.turns) == (12345, result.rest, result.turns)
        assert normalize(decision.plan.angle_at(SPIN_TICKS)) == result.rest
        assert 5 * TURN <= decision.plan.distance < 8 * TURN
        assert desk.session.rest == result.rest
        assert desk.session.winners()[0][0] == decision.entry


def test_the_result_is_on_the_disk_when_press_returns(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.session.adopt(TEN)
    synced: list[str] = []
    fsync = os.fsync

    def recording(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(desk.kinds()[-1])

    monkeypatch.setattr(os, "fsync", recording)
    desk.session.press(start=0)

    assert synced == ["open", "result"]


def test_nothing_is_decided_before_open_is_durable(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.session.adopt(TEN)
    last: list[str] = []

    def recording(*arguments: Any, **options: Any) -> Any:
        last.append(desk.kinds()[-1])
        return sample(*arguments, **options)

    monkeypatch.setattr("kiosk.draw.pool.sample", recording)
    desk.session.press(start=0)

    assert last == ["open"]


def test_winners_leave_the_wheel_until_nobody_is_left(desk: Desk) -> None:
    desk.session.adopt(TEN)

    decisions = [desk.spin() for _ in range(10)]

    assert sorted(tickets(decisions)) == [entry.ticket for entry in TEN.snapshot.entries]
    assert [len(decision.pool) for decision in decisions] == list(range(10, 0, -1))
    assert desk.session.left == 0
    assert desk.session.why_no_spin() == "Everybody on this list has won."
    with pytest.raises(RefusedError, match="Everybody on this list has won"):
        desk.session.press(start=0)
    assert desk.kinds()[-1] == "shown"


def test_winners_stay_where_the_list_says_so(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(people=2, event_rules=rules("never"))))

    decisions = [desk.spin() for _ in range(12)]

    assert {len(decision.pool) for decision in decisions} == {2}
    assert desk.session.left == 2


def test_weights_decide_how_often_an_entry_wins(desk: Desk) -> None:
    """Weight 1 against a million: the light one wins none of fifty spins (once in 20 000 runs; the secret is fixed)."""
    people = entries(2, weights=[1, 1_000_000])
    desk.session.adopt(listed(snapshot(people=people, event_rules=rules("never"))))

    assert set(tickets([desk.spin() for _ in range(50)])) == {"E0002"}


def test_a_withdrawn_ticket_is_not_on_the_wheel_of_the_next_spin(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(people=3, event_rules=rules("never"))))
    withdraw(desk, "E0002")

    decisions = [desk.spin() for _ in range(20)]

    assert {decision.pool.tickets for decision in decisions} == {("E0001", "E0003")}
    assert desk.session.left == 2


def test_no_spin_opens_before_every_entropy_text_is_recorded(desk: Desk) -> None:
    desk.adopt(snapshot(entropy=("dice", "audience")))
    assert desk.session.why_no_spin() == "Waiting for public entropy: dice."
    with pytest.raises(RefusedError, match="Waiting for public entropy: dice"):
        desk.session.press(start=0)
    desk.enter("dice:6")
    assert desk.session.why_no_spin() == "Waiting for public entropy: audience."
    desk.enter("audience:seven umbrellas")
    decision = desk.spin()

    assert decision.level == desk.session.level == "live"
    assert [body.entropy for body in desk.bodies() if isinstance(body, Open)] == [
        digest(b"dice:6\naudience:seven umbrellas\n")
    ]


def test_two_kiosks_with_other_secrets_draw_other_winners(tmp_path: Path, short_chains: None) -> None:
    drawn = []
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        with Desk(tmp_path / str(number), random_bytes=fixed_bytes(bytes([number]) * 32)) as desk:
            desk.session.adopt(TEN)
            drawn.append(tickets([desk.spin() for _ in range(10)]))

    assert drawn[0] != drawn[1]


# ---- prizes ---------------------------------------------------------------------------------------------------------


def test_a_press_gives_several_places_in_one_record(desk: Desk) -> None:
    desk.adopt(snapshot(people=30, prizes=(prize("mugs", 12, per_press=5), prize("grand"))))

    decisions = [desk.spin() for _ in range(4)]

    assert [(one.prize, one.places) for one in decisions] == [
        ("mugs", (1, 2, 3, 4, 5)),
        ("mugs", (6, 7, 8, 9, 10)),
        ("mugs", (11, 12)),
        ("grand", (1,)),
    ]
    everybody = [winner.ticket for one in decisions for winner in one.winners]
    assert len(set(everybody)) == len(everybody) == 13
    assert [result.winners for result in results(desk)] == [
        tuple(winner.ticket for winner in one.winners) for one in decisions
    ]
    assert desk.session.why_no_spin() == "Every prize has been drawn."


def test_when_the_pool_runs_empty_the_rest_of_the_places_stays_open(desk: Desk) -> None:
    desk.adopt(snapshot(people=3, prizes=(prize("mugs", 5, per_press=5),)))

    assert desk.spin().places == (1, 2, 3)
    assert desk.session.why_no_spin() == "Nobody is left who can win what is left."
    desk.adopt(snapshot(2, people=4, prizes=(prize("mugs", 5, per_press=5),)))
    assert desk.spin().places == (4,)


def test_in_free_order_the_operator_chooses_and_in_listed_order_only_looks(desk: Desk) -> None:
    prizes = (prize("grand"), prize("mugs"))
    desk.adopt(snapshot(prizes=prizes, event_rules=rules(order="free")))
    assert desk.spin(prize="mugs").prize == "mugs"
    with pytest.raises(RefusedError, match="Every prize has been drawn"):
        desk.session.press(start=0, prize="mugs")
    with pytest.raises(RefusedError, match="no prize cups"):
        desk.session.press(start=0, prize="cups")
    desk.adopt(snapshot(2, event=OTHER, prizes=prizes))
    assert desk.spin(prize="mugs").prize == "grand"


def test_a_spin_of_one_place_takes_less_than_a_kibibyte(desk: Desk) -> None:
    desk.adopt(snapshot(people=3000))
    before = desk.path.stat().st_size

    desk.spin()

    assert desk.path.stat().st_size - before <= 1024


def test_200_winners_with_the_longest_tickets_fit_into_64_kibibytes(desk: Desk) -> None:
    people = tuple(Entry("🎟" * 36 + f"{number:04d}", 1, "", 0) for number in range(200))
    desk.adopt(snapshot(people=people, prizes=(prize("x" * 40, 200, per_press=200),)))

    assert len(desk.spin().winners) == 200
    assert max(map(len, desk.path.read_bytes().splitlines())) <= 64 << 10


# ---- modes ----------------------------------------------------------------------------------------------------------


def modes_of(decisions: list[Decision]) -> list[tuple[str, str, str]]:
    return [(decision.mode, decision.reason, decision.fallback) for decision in decisions]


def test_a_fixed_spin_lands_on_the_named_ticket_and_says_why(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(spins=fixed("E0007", "notary's draw"), event_rules=rules("never"))))

    decisions = [desk.spin() for _ in range(3)]

    assert tickets(decisions) == ["E0007"] * 3
    assert modes_of(decisions) == [("fixed", "notary's draw", "")] * 3
    assert [(one.mode, one.reason, one.fallback) for one in results(desk)] == modes_of(decisions)
    assert [body.mode for body in desk.bodies() if isinstance(body, Open)] == ["fixed"] * 3


def test_a_fixed_spin_reveals_and_lands_as_a_natural_one_does(desk: Desk) -> None:
    """The motion cannot tell the modes apart."""
    one = desk.adopt(snapshot(spins=fixed("E0007", "notary's draw")))
    decision = desk.spin()
    (result,) = results(desk)

    reveal, pool = bytes.fromhex(result.reveal), decision.pool
    lands = landing(reveal=reveal, snapshot=one.s, spin=1, segment=pool.segments.bounds(6))
    assert (result.rest, result.turns) == (lands.rest, lands.turns)


def test_a_fixed_ticket_that_has_won_falls_back_to_natural_and_says_so(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(spins=fixed("E0007", "notary's draw"))))

    first, second = desk.spin(), desk.spin()

    assert (first.mode, first.entry.ticket) == ("fixed", "E0007")
    assert modes_of([second]) == [("natural", "", "not in the pool")]
    assert second.entry.ticket != "E0007"
    assert results(desk)[1].fallback == "not in the pool"
    assert [body.mode for body in desk.bodies() if isinstance(body, Open)] == ["fixed", "fixed"]  # as planned


def test_a_fixed_ticket_that_was_withdrawn_falls_back_to_natural_and_says_so(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(spins=fixed("E0007", "notary's draw"))))
    withdraw(desk, "E0007")

    assert modes_of([desk.spin()]) == [("natural", "", "not in the pool")]


STEPS = (NATURAL_STEP, fixed_step("E0003", "sponsor"), NATURAL_STEP, fixed_step("E0004", "rehearsal"))


def stepped(then: str) -> Listed:
    return listed(snapshot(spins=mixed(*STEPS, then=then), event_rules=rules("never")))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("then", "after"),
    [
        ("natural", [("natural", 0), ("natural", 0), ("natural", 0)]),
        ("repeat", [("natural", 1), ("fixed", 2), ("natural", 3)]),
        ("stop", []),
    ],
)
@pytest.mark.parametrize("restarting", [False, True], ids=["in one go", "with a restart after each spin"])
def test_a_mixed_list_goes_through_its_steps_and_then_as_it_says(
    desk: Desk, then: str, after: list[tuple[str, int]], restarting: bool
) -> None:
    desk.session.adopt(stepped(then))
    made: list[tuple[str, int]] = []
    while len(made) < 7 and desk.session.why_no_spin() is None:
        desk.spin()
        opened = [body for body in desk.bodies() if isinstance(body, Open)][-1]
        made.append((results(desk)[-1].mode, opened.step))
        if restarting:
            desk.restart()
            desk.session.adopt(stepped(then))

    assert made == [("natural", 1), ("fixed", 2), ("natural", 3), ("fixed", 4), *after]
    assert [one.winners for one in results(desk) if one.mode == "fixed"][:2] == [("E0003",), ("E0004",)]


def test_when_the_steps_are_used_up_stop_refuses_and_records_nothing(desk: Desk) -> None:
    desk.session.adopt(stepped("stop"))
    for _ in STEPS:
        desk.spin()
    before = desk.records()

    assert desk.session.turn() is None
    assert desk.session.why_no_spin() == "All spins of this list are done."
    with pytest.raises(RefusedError, match="All spins of this list are done"):
        desk.session.press(start=0)
    assert desk.records() == before


def test_a_list_that_has_used_up_its_secrets_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.ledger.permitted.CHAIN_LENGTH", 2)
    desk.session.adopt(TEN)
    desk.spin()
    assert desk.session.why_no_spin() is None
    desk.spin()

    assert desk.session.why_no_spin() == "This list has used up its secrets: publish it again."
    with pytest.raises(RefusedError, match="publish it again"):
        desk.session.press(start=0)
    assert desk.kinds()[-1] == "shown"


# ---- the sample list ------------------------------------------------------------------------------------------------


def test_spins_of_the_sample_list_are_not_draws_and_write_no_records(desk: Desk) -> None:
    desk.adopt(SAMPLE)

    decision = desk.spin()

    assert SAMPLE.demo
    assert (decision.mode, decision.generation, decision.spin) == ("demo", 0, 1)
    assert decision.pool.tickets[decision.index] == decision.entry.ticket
    assert decision.pool.segments.at(decision.plan.rest) == decision.index
    assert desk.session.winners()[0][0] == decision.entry
    assert desk.session.rest == decision.plan.rest
    assert desk.session.proof == ""
    assert desk.kinds() == []


def test_the_sample_list_does_not_keep_a_published_one_out(desk: Desk) -> None:
    desk.adopt(SAMPLE)
    desk.spin()
    assert desk.session.floor == Floor()

    desk.session.adopt(TEN)

    assert desk.session.floor == Floor(1, TEN.s)
    assert desk.session.winners() == ()
    assert desk.session.rest is None


def test_sample_spins_begin_again_at_each_showing(desk: Desk) -> None:
    desk.adopt(SAMPLE)
    desk.spin()
    desk.session.adopt(TEN)
    desk.adopt(SAMPLE)

    assert desk.session.spins_made == 0
    desk.spin()
    desk.session.adopt(TEN)
    assert desk.kinds() == ["adopt"]


# ---- adopting -------------------------------------------------------------------------------------------------------


def test_the_adopt_record_binds_the_list_to_the_anchor(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(7, people=entries(3, weights=[5, 1, 1]))))

    (adopt,) = desk.bodies()
    assert isinstance(adopt, Adopt)
    assert (adopt.event, adopt.generation, adopt.entries, adopt.weight) == (EVENT, 7, 3, 7)
    assert (adopt.kiosk, adopt.signer) == (desk.session.kiosk_id, KEY.public.keyid)
    assert desk.secrets.recall(adopt.anchor) is not None


def test_the_secret_is_durable_before_its_anchor_is_in_the_ledger(desk: Desk) -> None:
    cut_power(desk, 1, after=False)

    with pytest.raises(PowerCut):
        desk.session.adopt(TEN)

    assert [len(list(place.iterdir())) for place in desk.secrets_directories] == [1, 1]
    assert desk.kinds() == []


def test_a_commitment_made_beforehand_is_the_one_that_is_used(desk: Desk) -> None:
    assert desk.session.needs_commitment(TEN.s)
    chain = desk.session.commit()

    desk.session.adopt(TEN, chain)

    (adopt,) = desk.bodies()
    assert isinstance(adopt, Adopt)
    assert adopt.anchor == chain.anchor
    assert not desk.session.needs_commitment(TEN.s)
    assert desk.session.needs_commitment("f" * 64)


def test_the_same_list_after_a_restart_goes_on_with_its_anchor_and_no_new_record(desk: Desk) -> None:
    desk.session.adopt(TEN)
    first = desk.spin()
    before = desk.records()
    desk.restart()

    assert not desk.session.needs_commitment(TEN.s)
    desk.session.adopt(TEN)

    assert desk.records() == before
    assert desk.session.winners()[0][0] == first.entry
    assert desk.session.rest == first.plan.rest
    assert desk.spin().spin == 2
    one, two = results(desk)
    assert digest(bytes.fromhex(two.reveal)) == one.reveal


def test_a_correction_goes_on_with_spins_winners_and_a_new_anchor(desk: Desk) -> None:
    desk.session.adopt(TEN)
    first = desk.spin()
    withdraw(desk, "E0009" if first.entry.ticket != "E0009" else "E0008")
    desk.adopt(snapshot(2))

    assert desk.session.left == 8
    assert desk.session.winners()[0][0] == first.entry
    assert desk.spin().spin == 2
    anchors = [body.anchor for body in desk.bodies() if isinstance(body, Adopt)]
    assert len(set(anchors)) == 2
    last = results(desk)[-1]
    assert digest(bytes.fromhex(last.reveal)) == anchors[1]  # j counts from the adopt


def test_a_new_event_starts_from_nothing(desk: Desk) -> None:
    desk.session.adopt(TEN)
    desk.spin()
    desk.adopt(snapshot(2, event=OTHER))

    assert desk.session.winners() == ()
    assert desk.session.left == 10
    assert desk.spin().spin == 1
    with pytest.raises(RewritesThePast, match="left for another one"):
        desk.adopt(snapshot(3))


def test_a_correction_that_rewrites_what_happened_is_refused(desk: Desk) -> None:
    desk.session.adopt(TEN)
    winner = desk.spin().entry.ticket
    people = tuple(entry for entry in entries(10) if entry.ticket != winner)

    with pytest.raises(RewritesThePast, match=f"ticket {winner} got a place"):
        desk.adopt(snapshot(2, people=people))

    assert desk.session.listed == TEN
    assert desk.kinds()[-1] == "shown"


def test_an_adoption_that_cannot_be_recorded_leaves_the_list_on_the_wheel(desk: Desk) -> None:
    desk.session.adopt(TEN)

    with full_disk(Adopt), pytest.raises(HomeError, match="Free some space"):
        desk.session.adopt(listed(snapshot(2, previous=desk.session.floor.s)))

    assert desk.session.listed == TEN
    assert desk.session.floor == Floor(1, TEN.s)
    assert desk.spin().generation == 1


def test_before_the_first_list_there_is_nothing_to_spin(desk: Desk) -> None:
    assert desk.session.listed is None
    assert desk.session.floor == Floor()
    with pytest.raises(RuntimeError, match="no list"):
        desk.session.press(start=0)
    with pytest.raises(RuntimeError, match="no list"):
        desk.session.resume(start=0)


def test_a_refusal_is_recorded_once_also_across_restarts(desk: Desk) -> None:
    assert desk.session.refuse("snapshot-000002.json", "altered")
    assert not desk.session.refuse("snapshot-000002.json", "altered")
    desk.restart()
    assert not desk.session.refuse("snapshot-000002.json", "altered")
    assert desk.session.refuse("snapshot-000002.json", "stale")

    assert desk.bodies() == [
        Refused(file="snapshot-000002.json", reason="altered"),
        Refused(file="snapshot-000002.json", reason="stale"),
    ]


def test_seq_and_head_are_the_ledgers(desk: Desk) -> None:
    desk.session.adopt(TEN)

    assert (desk.session.seq, desk.session.head) == (1, digest(desk.records()[-1].line()))


def test_the_pool_of_a_list_that_is_not_on_the_wheel_is_its_own(desk: Desk) -> None:
    desk.session.adopt(TEN)
    desk.spin()
    other = listed(snapshot(2, people=4))

    fresh = listed(snapshot(2, people=4, event=OTHER))

    assert len(desk.session.pool(fresh)) == 4
    assert len(desk.session.pool(other)) in {3, 4}
    assert len(desk.session.pool()) == 9
    assert desk.session.listed == TEN


# ---- power cuts -----------------------------------------------------------------------------------------------------


def start_and_spin_once(desk: Desk) -> None:
    """Do what the kiosk does at a start: adopt, finish what is unfinished; and one spin if none was made."""
    desk.session.adopt(TEN)
    if desk.session.unfinished_s is not None:
        assert desk.session.unfinished_s == TEN.s
        decision = desk.session.resume(start=7)
        desk.session.shown(decision, duration_ms=11_000, frames=660)
    elif not desk.session.spins_made:
        desk.spin()


cuts = pytest.mark.parametrize(
    ("number", "after"), [(number, after) for number in (1, 2, 3, 4) for after in (False, True)], ids=str
)


@cuts
def test_power_cut_at_any_record_finishes_the_same_spin_with_the_same_winner(
    tmp_path: Path, short_chains: None, number: int, after: bool
) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "cut").mkdir()
    with (
        Desk(tmp_path / "reference", random_bytes=fixed_bytes()) as reference,
        Desk(tmp_path / "cut", random_bytes=fixed_bytes()) as desk,
    ):
        start_and_spin_once(reference)
        cut_power(desk, number, after=after)
        with pytest.raises(PowerCut):
            start_and_spin_once(desk)
        desk.restart()
        start_and_spin_once(desk)

        assert desk.bodies() == reference.bodies()
        assert desk.session.winners()[0][0] == reference.session.winners()[0][0]


@cuts
def test_two_power_cuts_in_a_row_change_nothing_either(
    tmp_path: Path, short_chains: None, number: int, after: bool
) -> None:
    (tmp_path / "reference").mkdir()
    with Desk(tmp_path / "reference", random_bytes=fixed_bytes()) as reference:
        start_and_spin_once(reference)
        expected = reference.bodies()
    for second in (1, 2, 3, 4):
        directory = tmp_path / f"{second}"
        directory.mkdir()
        with Desk(directory, random_bytes=fixed_bytes()) as desk:
            cut_power(desk, number, after=after)
            with pytest.raises(PowerCut):
                start_and_spin_once(desk)
            desk.restart()
            cut_power(desk, second, after=not after)
            try:
                start_and_spin_once(desk)
            except PowerCut:
                desk.restart()
                start_and_spin_once(desk)

            assert desk.bodies() == expected


def test_a_decided_spin_keeps_its_winner_even_if_chance_were_asked_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.session.adopt(TEN)
    decision = desk.session.press(start=0)
    desk.restart()
    desk.session.adopt(TEN)
    monkeypatch.setattr("kiosk.draw.pool.sample", lambda *_, **__: pytest.fail("it is drawn again"))

    resumed = desk.session.resume(start=0)

    assert (resumed.entry, resumed.index, resumed.spin) == (decision.entry, decision.index, decision.spin)
    assert resumed.plan == decision.plan
    assert resumed.pool.digest == decision.pool.digest


def test_a_resumed_spin_starts_from_where_the_wheel_stands_now(desk: Desk) -> None:
    desk.session.adopt(TEN)
    decision = desk.session.press(start=1)

    resumed = desk.session.resume(start=2)

    assert (resumed.plan.start, resumed.plan.rest) == (2, decision.plan.rest)


def test_a_press_while_a_spin_is_unfinished_finishes_that_one(desk: Desk) -> None:
    desk.session.adopt(TEN)
    decision = desk.session.press(start=0)

    again = desk.session.press(start=0)

    assert again.entry == decision.entry
    assert desk.kinds() == ["adopt", "open", "result"]


def test_the_list_of_an_unfinished_spin_is_named_until_it_is_shown(desk: Desk) -> None:
    desk.session.adopt(TEN)
    assert desk.session.unfinished_s is None
    decision = desk.session.press(start=0)
    assert desk.session.unfinished_s == TEN.s
    desk.session.shown(decision, duration_ms=11_000, frames=660)
    assert desk.session.unfinished_s is None
    assert desk.bodies()[-1] == Shown(spin=1, duration_ms=11_000, frames=660)


@pytest.mark.parametrize("decided", [True, False], ids=["after result", "after open"])
def test_an_unfinished_spin_whose_list_is_lost_is_closed(desk: Desk, decided: bool) -> None:
    desk.session.adopt(TEN)
    cut_power(desk, 2, after=decided)
    with pytest.raises(PowerCut):
        desk.session.press(start=0)
    desk.restart()

    desk.session.abandon_unfinished()
    desk.adopt(snapshot(2))

    note = Note(text="Spin 1 could not be shown again: its list is lost.")
    void = Void(spin=1, reason="its list is lost")
    closing = [note, Shown(spin=1, duration_ms=0, frames=0)] if decided else [void]
    assert desk.bodies()[3 if decided else 2 : -1] == closing
    assert desk.session.unfinished_s is None
    assert desk.spin().spin == 2


def test_with_nothing_unfinished_there_is_nothing_to_abandon(desk: Desk) -> None:
    desk.session.adopt(TEN)
    desk.spin()
    before = desk.records()

    desk.session.abandon_unfinished()

    assert desk.records() == before


def test_a_spin_is_not_shown_from_another_pool_than_the_one_it_was_drawn_from(desk: Desk) -> None:
    """The same tickets under the same S with another weight: the picture would not be the one of the draw."""
    desk.session.adopt(TEN)
    desk.session.press(start=0)
    desk.restart()
    desk.session.adopt(listed(snapshot(people=entries(10, weights=[2])), s=TEN.s))

    with pytest.raises(RefusedError, match="its pool is not the one"):
        desk.session.resume(start=0)


def test_a_spin_is_not_decided_from_another_pool_than_the_one_that_was_opened(desk: Desk) -> None:
    desk.session.adopt(TEN)
    cut_power(desk, 1, after=True)
    with pytest.raises(PowerCut):
        desk.session.press(start=0)
    desk.restart()
    desk.session.adopt(listed(snapshot(people=entries(10, weights=[2])), s=TEN.s))

    with pytest.raises(RefusedError):
        desk.session.resume(start=0)
    assert results(desk) == []


# ---- the ledger's file ----------------------------------------------------------------------------------------------


def test_nothing_is_drawn_once_the_ledger_is_gone_and_it_is_said(desk: Desk) -> None:
    desk.session.adopt(TEN)
    assert desk.session.check_files() == ""
    moved = desk.path.rename(desk.path.with_name("elsewhere"))

    with pytest.raises(LedgerBroken, match="deleted, replaced or changed"):
        desk.session.press(start=0)
    assert "deleted, replaced or changed" in desk.session.check_files()

    moved.rename(desk.path)
    assert desk.session.check_files() == ""
    assert desk.spin().spin == 1


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


# ---- everything at once ---------------------------------------------------------------------------------------------


def expected_results(on_wheel: Listed, count: int) -> list[Result]:
    """Recompute what an undisturbed kiosk with the secret SECRET would have recorded."""
    chain, won, expected = Chain(SECRET, length=SHORT_CHAIN), set[str](), list[Result]()
    snapshot = on_wheel.snapshot
    for spin in range(1, count + 1):
        turn = turn_for(snapshot.spins, spin)
        assert turn is not None
        removed = won if snapshot.rules.win_once != "never" else set[str]()
        pool = Pool((entry.ticket, entry.weight) for entry in snapshot.entries if entry.ticket not in removed)
        reveal = chain.reveal(spin)
        press = Press(on_wheel.s, spin, "", pool.digest, "none")
        drawn = sample(press, reveal=reveal, place=spin, total=sum(pool.weights))
        is_set = turn.fixed and turn.step.ticket in pool.tickets
        index = pool.tickets.index(turn.step.ticket) if is_set else pool.segments.segment_of_weight(drawn.t)
        lands = landing(reveal=reveal, snapshot=on_wheel.s, spin=spin, segment=pool.segments.bounds(index))
        result = Result(
            spin=spin,
            mode="fixed" if is_set else "natural",
            reveal=reveal.hex(),
            winners=(pool.tickets[index],),
            rest=lands.rest,
            turns=lands.turns,
            reason=turn.step.reason if is_set else "",
            fallback="not in the pool" if turn.fixed and not is_set else "",
        )
        expected.append(result)
        won.update(result.winners)
    return expected


steps = st.sampled_from([NATURAL_STEP, fixed_step("E0001", "one"), fixed_step("E0002", "two")])
some_spins: st.SearchStrategy[Spins] = st.one_of(
    st.just(fixed("E0001", "one")),
    st.builds(
        lambda many, then: mixed(*many, then=then),
        st.lists(steps, min_size=1, max_size=4),
        st.sampled_from(["natural", "repeat"]),
    ),
)
disturbances = st.one_of(
    st.just(("spin", 0)),
    st.just(("restart", 0)),
    st.tuples(st.sampled_from(["cut before", "cut after", "error"]), st.integers(1, 3)),
)


def disturbed_spin(desk: Desk, on_wheel: Listed, what: str, number: int) -> None:
    """Make one spin in which that goes wrong, and then whatever a restart does."""
    if what == "restart":
        desk.restart()
        desk.session.adopt(on_wheel)
    elif what != "spin":
        cut_power(desk, number, after=what == "cut after")
    try:
        desk.spin()
    except RefusedError:
        assert desk.session.left == 0
    except PowerCut:
        if what == "error":
            del desk.ledger.append
            desk.spin()
        else:
            desk.restart()
            desk.session.adopt(on_wheel)
            if desk.session.unfinished_s is not None:
                desk.session.shown(desk.session.resume(start=0), duration_ms=11_000, frames=660)
    desk.restart()
    desk.session.adopt(on_wheel)


@settings(max_examples=40)
@given(
    spins=some_spins,
    people=st.integers(2, 5),
    weights=st.lists(st.integers(1, 9), min_size=5, max_size=5),
    win_once=st.sampled_from(["event", "never"]),
    story=st.lists(disturbances, max_size=6),
)
def test_whatever_goes_wrong_the_winners_are_those_of_an_undisturbed_kiosk(
    spins: Spins, people: int, weights: list[int], win_once: str, story: list[tuple[str, int]]
) -> None:
    on_wheel = listed(snapshot(people=entries(people, weights=weights), spins=spins, event_rules=rules(win_once)))
    with (
        pytest.MonkeyPatch.context() as patch,
        TemporaryDirectory() as directory,
        Desk(Path(directory), random_bytes=fixed_bytes()) as desk,
    ):
        patch.setattr(secrets_module, "Chain", partial(Chain, length=SHORT_CHAIN))
        desk.session.adopt(on_wheel)
        for what, number in story:
            disturbed_spin(desk, on_wheel, what, number)

        made = results(desk)
        assert made == expected_results(on_wheel, len(made))
        assert [kind for kind in desk.kinds() if kind != "adopt"] == ["open", "result", "shown"] * len(made)
        assert desk.kinds().count("adopt") == 1


def test_a_flood_of_bad_files_is_recorded_in_part_under_each_list(desk: Desk) -> None:
    """Whoever could write files could fill the ledger, 8 records at every look, to the size that no kiosk opens."""
    desk.session.adopt(listed(snapshot()))
    told = [desk.session.refuse_file(f"snapshot-{number:06d}.json", "rubbish") for number in range(MOST_REFUSED + 50)]

    assert told == [True] * MOST_REFUSED + [False] * 50
    assert desk.kinds().count("refused") == MOST_REFUSED
    assert desk.kinds()[-1] == "note"
    desk.restart()
    desk.session.adopt(listed(snapshot()))
    assert not desk.session.refuse_file("snapshot-900000.json", "rubbish"), "a restart is no new list"
    desk.session.adopt(listed(snapshot(2, previous=desk.session.floor.s)))
    assert desk.session.refuse_file("snapshot-900000.json", "rubbish")
    assert desk.session.refuse("request-0000000000000000.json", "late"), "what the organiser signed always is"
