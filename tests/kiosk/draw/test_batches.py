"""A press for several places is exactly fair: counted, not estimated, with every number of an 8-bit source."""

import hmac
import itertools
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import pytest

from kiosk.draw import protocol
from kiosk.draw.pool import Drawn, Pool
from kiosk.draw.protocol import Press

SECRET = bytes(32)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """An 8-bit source in HMAC's place: the list has the first number of each place. Every other number is 0."""
    numbers: list[int] = []

    def given(key: bytes, message: bytes, name: str) -> bytes:
        lines = message.decode().split("\n")
        place, k = int(lines[4]), int(lines[7])
        return (numbers[place - 1] if k == 0 and place <= len(numbers) else 0).to_bytes(32, "big")

    monkeypatch.setattr(protocol, "_RANGE", 256)
    monkeypatch.setattr(hmac, "digest", given)
    return numbers


def drawn(pool: Pool, places: int) -> list[Drawn]:
    press = Press("s", 1, "z", pool.digest, "none")
    return list(pool.draw(press, reveal=SECRET, places=range(1, places + 1)))


def chances(pool: Pool, places: int, source: list[int], before: tuple[int, ...] = ()) -> Iterator[tuple[str, Fraction]]:
    """Yield each ordered selection, as letters, with its exact probability.

    The next place is fed all 256 numbers. Those that are accepted are counted by winner, and one of them stands for all
    that have the same winner: what is left of the pool afterwards does not depend on which one it was.
    """
    counts, chosen = Counter[int](), dict[int, int]()
    for x in range(256):
        source[:] = [*before, x]
        last = drawn(pool, len(source))[-1]
        if last.sample.k == 0:
            counts[last.index] += 1
            chosen[last.index] = x
    for index, count in counts.items():
        chance = Fraction(count, counts.total())
        source[:] = [*before, chosen[index]]
        letters, through = "".join(pool.tickets[one.index] for one in drawn(pool, len(source))), tuple(source)
        if len(through) == places or len(drawn(pool, len(through) + 1)) == len(through):
            yield letters, chance
        else:
            yield from ((whole, chance * rest) for whole, rest in chances(pool, places, source, through))


@pytest.mark.parametrize(("entries", "places"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 2), (7, 2)])
def test_every_ordered_selection_is_equally_likely(entries: int, places: int, source: list[int]) -> None:
    tickets = "abcdefg"[:entries]
    found = dict(chances(Pool((ticket, 1) for ticket in tickets), places, source))

    selections = ["".join(one) for one in itertools.permutations(tickets, places)]
    assert found == dict.fromkeys(selections, Fraction(1, len(selections)))


def test_chances_count_at_every_place_among_what_is_left(source: list[int]) -> None:
    weights = {"a": 1, "b": 2, "c": 3, "d": 5}
    found = dict(chances(Pool(weights.items()), 3, source))

    for selection in itertools.permutations(weights, 3):
        left, chance = sum(weights.values()), Fraction(1)
        for ticket in selection:
            chance *= Fraction(weights[ticket], left)
            left -= weights[ticket]
        assert found["".join(selection)] == chance
    assert sum(found.values()) == 1


def test_a_household_leaves_together_and_the_others_stay_equally_likely(source: list[int]) -> None:
    pool = Pool([(ticket, 1) for ticket in "abcd"], households={"a": 1, "b": 1})
    found = dict(chances(pool, 3, source))

    for selection, chance in found.items():
        first_of_the_household = selection[0] in "ab"
        assert not {"a", "b"} <= set(selection)
        assert chance == Fraction(1, 4) * (Fraction(1, 2) if first_of_the_household else Fraction(1, 3)) * (
            1 if first_of_the_household or selection[1] in "ab" else Fraction(1, 2)
        )
    assert sum(found.values()) == 1


def test_a_sampler_that_prefers_the_first_would_be_noticed(source: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "uniform", lambda value, total, *, size: value % total)  # rejects nothing
    found = dict(chances(Pool((ticket, 1) for ticket in "abc"), 2, source))

    assert len(set(found.values())) > 1
