"""No power cut changes who wins: a spin that was opened is finished, never drawn again."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.core.errors import LedgerBroken, RefusedError
from kiosk.draw.modes import NATURAL_STEP, Spins, fixed, fixed_step, mixed, turn_for
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import Chain, Press, landing, sample
from kiosk.ledger import secret_store as secrets_module
from kiosk.ledger.record import Note, Result, Shown, Void
from kiosk.ledger.refusal_records import MOST_REFUSED
from kiosk.snapshot.model import Listed
from tests.kiosk.spins import SHORT_CHAIN, TEN, PowerCut, cut_power, results
from tests.support import SECRET, Desk, entries, fixed_bytes, listed, rules, snapshot

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
        assert desk.session.winners() == reference.session.winners()


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


@pytest.mark.slow
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
    assert not desk.session.refuse_file("snapshot-900000.json", "rubbish"), "a restart is not a new list"
    desk.session.adopt(listed(snapshot(2, previous=desk.session.floor.s)))
    assert desk.session.refuse_file("snapshot-900000.json", "rubbish")
    assert desk.session.refuse("request-0000000000000000.json", "late"), "what the organiser signed always is"
