"""What the records add up to: the only memory that a restart has."""

import pytest

from kiosk.draw.protocol import NO_ENTROPY
from kiosk.ledger.history import History, Past, Unfinished
from kiosk.ledger.record import (
    Absent,
    Adopt,
    Body,
    Entropy,
    Mode,
    Note,
    Open,
    Recovered,
    Refused,
    Result,
    Shown,
    Withdraw,
)
from kiosk.snapshot.model import DEMO_GENERATION


def adopt(generation: int, s: str, anchor: str = "anchor") -> Adopt:
    return Adopt(generation=generation, snapshot=s, entries=3, weight=3, anchor=anchor, kiosk="k")


def opened(spin: int, generation: int = 1) -> Open:
    return Open(generation=generation, spin=spin, mode="natural", pool="p", entropy="none")


def result(spin: int, ticket: str, mode: Mode = "natural") -> Result:
    return Result(spin=spin, mode=mode, reveal="r", x="x", k=0, t=0, ticket=ticket, rest=spin * 10, turns=5)


def shown(spin: int) -> Shown:
    return Shown(spin=spin, duration_ms=11_000, frames=660)


def spin(number: int, ticket: str) -> tuple[Body, ...]:
    return opened(number), result(number, ticket), shown(number)


def after(*bodies: Body) -> History:
    history = History()
    for body in bodies:
        history.apply(body)
    return history


def test_before_the_first_record_there_is_nothing() -> None:
    history = after()

    assert (history.generation, history.s, history.current) == (0, "", None)
    assert (history.unfinished, history.last_result, history.refused) == (None, None, set())
    assert history.past("a") == Past(0, [], set(), NO_ENTROPY)


def test_adopting_sets_the_floor_and_the_current_list() -> None:
    history = after(adopt(1, "a"), adopt(2, "b"))

    assert (history.generation, history.s) == (2, "b")
    assert history.current == adopt(2, "b")


def test_the_sample_list_never_moves_the_floor() -> None:
    history = after(adopt(3, "c"), adopt(DEMO_GENERATION, "sample"))

    assert (history.generation, history.s) == (3, "c")
    assert history.current == adopt(DEMO_GENERATION, "sample")


def test_the_floor_never_sinks() -> None:
    assert after(adopt(3, "c"), adopt(2, "b")).generation == 3


def test_spins_and_winners_add_up_in_order() -> None:
    history = after(adopt(1, "a"), *spin(1, "T1"), *spin(2, "T2"))

    assert history.past("a") == Past(2, ["T1", "T2"], set(), NO_ENTROPY, shown=2)
    assert history.last_result == result(2, "T2")


def test_each_list_has_a_past_of_its_own() -> None:
    history = after(adopt(1, "a"), *spin(1, "T1"), adopt(2, "b"), *spin(1, "T2"))

    assert history.past("a").winners == ["T1"]
    assert history.past("b").winners == ["T2"]


def test_a_new_anchor_for_the_same_list_goes_on_counting() -> None:
    history = after(adopt(1, "a", "first"), *spin(1, "T1"), adopt(1, "a", "second"), *spin(2, "T2"))

    assert history.past("a") == Past(2, ["T1", "T2"], set(), NO_ENTROPY, shown=2)
    assert history.last_result == result(2, "T2")
    assert history.current == adopt(1, "a", "second")


def test_every_showing_of_the_sample_list_starts_anew() -> None:
    sample = adopt(DEMO_GENERATION, "sample")
    history = after(sample, *spin(1, "S1"), adopt(1, "a"), sample)

    assert history.past("sample") == Past()
    assert history.last_result is None


def test_the_last_result_is_of_the_current_list_only() -> None:
    assert after(adopt(1, "a"), *spin(1, "T1"), adopt(2, "b")).last_result is None
    assert after(adopt(1, "a"), *spin(1, "T1"), adopt(1, "a", "again")).last_result == result(1, "T1")


def test_a_spin_is_unfinished_from_open_until_shown() -> None:
    history = after(adopt(1, "a"))
    assert history.unfinished is None
    history.apply(opened(1))
    assert history.unfinished == Unfinished(opened(1))
    history.apply(result(1, "T1"))
    assert history.unfinished == Unfinished(opened(1), result(1, "T1"))
    history.apply(shown(1))
    assert history.unfinished is None


def test_an_opened_spin_does_not_count_before_its_result() -> None:
    assert after(adopt(1, "a"), opened(1)).past("a").spins == 0


def test_adopting_ends_what_was_unfinished() -> None:
    assert after(adopt(1, "a"), opened(1), adopt(2, "b")).unfinished is None


def test_a_withdrawn_ticket_leaves_the_current_list_only() -> None:
    history = after(adopt(1, "a"), Withdraw(ticket="T1", reason="ill"), adopt(2, "b"))

    assert history.past("a").withdrawn == {"T1"}
    assert history.past("b").withdrawn == set()


def test_public_entropy_belongs_to_the_list_that_it_names() -> None:
    history = after(adopt(1, "a"), Entropy(snapshot="b", entropy="dice:1"), Entropy(snapshot="a", entropy="dice:2"))

    assert history.past("a").entropy == "dice:2"
    assert history.past("b").entropy == "dice:1"


def test_refusals_are_remembered_by_file_and_reason() -> None:
    history = after(Refused(file="f", reason="r"), Refused(file="f", reason="s"), Refused(file="f", reason="r"))

    assert history.refused == {("f", "r"), ("f", "s")}


def test_an_absence_is_remembered_and_gives_nobody_back() -> None:
    history = after(adopt(1, "a"), *spin(1, "T1"), Absent(spin=1, ticket="T1", request="n"))

    assert history.past("a") == Past(1, ["T1"], set(), NO_ENTROPY, shown=1, absent={1})
    assert history.carried_out == {"n"}


@pytest.mark.parametrize(
    "body",
    [Note(text="n"), Recovered(bytes=1, digest="d")],
    ids=lambda b: type(b).__name__,
)
def test_records_for_the_auditor_change_nothing(body: Body) -> None:
    before = after(adopt(1, "a"), *spin(1, "T1"), opened(2))
    same = after(adopt(1, "a"), *spin(1, "T1"), opened(2), body)

    assert vars(same) == vars(before)


@pytest.mark.parametrize(
    "body",
    [Withdraw(ticket="T1", reason="ill"), result(1, "T1"), shown(1), Entropy(snapshot="a", entropy="dice:1")],
    ids=lambda b: type(b).__name__,
)
def test_a_record_that_comes_before_any_list_is_no_accident(body: Body) -> None:
    assert after(body).past("x") == Past()
