"""The pool: what is on the wheel, in snapshot order."""

import hashlib
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.draw.pool import Pool
from kiosk.draw.protocol import Press, sample

ENTRIES = (("b", 2), ("a", 1), ("ü", 30))
lists = st.lists(
    st.tuples(st.text(st.characters(codec="utf-8"), min_size=1, max_size=5), st.integers(1, 99)),
    min_size=1,
    max_size=12,
    unique_by=lambda entry: entry[0],
)


def test_the_digest_is_of_ticket_tab_weight_lf_in_snapshot_order() -> None:
    assert Pool(ENTRIES).digest == hashlib.sha256("b\t2\na\t1\nü\t30\n".encode()).hexdigest()


def test_another_order_or_weight_or_ticket_is_another_digest() -> None:
    digests = {
        Pool(entries).digest
        for entries in (ENTRIES, ENTRIES[::-1], (("b", 3), *ENTRIES[1:]), (("c", 2), *ENTRIES[1:]), ENTRIES[:2])
    }

    assert len(digests) == 5


@given(lists)
def test_index_of_is_the_place_in_the_segments(entries: list[tuple[str, int]]) -> None:
    pool = Pool(entries)

    for place, (ticket, weight) in enumerate(entries):
        assert pool.index_of(ticket) == place
        assert pool.weights[place] == weight
    assert pool.segments.count == len(pool) == len(entries)
    assert pool.segments.total == sum(weight for _, weight in entries)


def test_a_ticket_that_is_not_on_the_wheel_has_no_place() -> None:
    pool = Pool(entry for entry in ENTRIES if entry[0] != "a")

    assert pool.index_of("a") is None
    assert pool.index_of("nobody") is None
    assert pool.index_of("ü") == 1


def test_an_empty_pool_has_a_digest_and_no_segments() -> None:
    pool = Pool(())

    assert len(pool) == 0
    assert pool.digest == hashlib.sha256(b"").hexdigest()
    with pytest.raises(ValueError, match=r"at least one"):
        _ = pool.segments


# ---- one press, several places ---------------------------------------------------------------------------------------

households = st.lists(st.integers(0, 3), min_size=12, max_size=12)


def press_on(pool: Pool) -> Press:
    return Press("s", 1, "z", pool.digest, "none")


@given(lists, households, st.integers(1, 15), st.binary(min_size=32, max_size=32))
def test_each_place_is_drawn_from_what_is_left(
    entries: list[tuple[str, int]], numbers: list[int], count: int, reveal: bytes
) -> None:
    """Against the plainest reading of the protocol: lists, cumulative weights, and a loop."""
    homes = {ticket: number for (ticket, _), number in zip(entries, numbers, strict=False)}
    pool = Pool(entries, households=homes)
    left = list(entries)
    for drawn in pool.draw(press_on(pool), reveal=reveal, places=range(1, count + 1)):
        total = sum(weight for _, weight in left)
        assert drawn.total == total
        expected = sample(press_on(pool), reveal=reveal, place=drawn.place, total=total)
        assert drawn.sample == expected
        sums = list(accumulate(weight for _, weight in left))
        winner = left[next(at for at, upto in enumerate(sums) if upto > expected.t)][0]
        assert pool.tickets[drawn.index] == winner
        home = homes[winner]
        left = [(ticket, weight) for ticket, weight in left if ticket != winner and (not home or homes[ticket] != home)]
        count -= 1
    assert not count or not left  # only an empty pool ends it early


def test_two_hundred_places_at_3000_entries_are_drawn_once_each() -> None:
    pool = Pool((f"E{number:04d}", 1 + number % 3) for number in range(3000))

    drawn = list(pool.draw(press_on(pool), reveal=bytes(32), places=range(1, 201)))

    assert len({one.index for one in drawn}) == 200
    assert [one.place for one in drawn] == list(range(1, 201))
    assert drawn[-1].total == pool.weight - sum(pool.weights[one.index] for one in drawn[:-1])
