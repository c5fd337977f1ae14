"""The pool: what is on the wheel, in snapshot order."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.draw.pool import Pool

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


@given(lists, st.data())
def test_removing_keeps_the_order_of_the_others_and_their_weights(
    entries: list[tuple[str, int]], data: st.DataObject
) -> None:
    removed = frozenset(data.draw(st.lists(st.sampled_from([ticket for ticket, _ in entries]))))

    pool = Pool(entries, removed=removed)

    assert list(zip(pool.tickets, pool.weights, strict=True)) == [e for e in entries if e[0] not in removed]
    assert pool.digest == Pool([e for e in entries if e[0] not in removed]).digest


@given(lists)
def test_index_of_is_the_place_in_the_segments(entries: list[tuple[str, int]]) -> None:
    pool = Pool(entries)

    for place, (ticket, weight) in enumerate(entries):
        assert pool.index_of(ticket) == place
        assert pool.weights[place] == weight
    assert pool.segments.count == len(pool) == len(entries)
    assert pool.segments.total == sum(weight for _, weight in entries)


def test_a_ticket_that_is_not_on_the_wheel_has_no_place() -> None:
    pool = Pool(ENTRIES, removed={"a"})

    assert pool.index_of("a") is None
    assert pool.index_of("nobody") is None
    assert pool.index_of("ü") == 1


def test_an_empty_pool_has_a_digest_and_no_segments() -> None:
    pool = Pool(ENTRIES, removed={"a", "b", "ü"})

    assert len(pool) == 0
    assert pool.digest == hashlib.sha256(b"").hexdigest()
    with pytest.raises(ValueError, match=r"at least one"):
        _ = pool.segments
