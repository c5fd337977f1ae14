"""Back-off and breaker: pure, on a simulated clock."""

import random

from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.clock import NS_PER_S
from kiosk.fetcher.pacing import LONGEST_S, QUICK_TRIES, TRIES_UNTIL_OPEN, Pacing


def pacing(every_s: float = 5, seed: int = 1) -> Pacing:
    return Pacing(every_s=every_s, random=random.Random(seed).random, now_ns=0)  # noqa: S311 - repeats in every run


@given(st.floats(0.1, 1000), st.integers(0, 2**32), st.integers(0, 200))
def test_no_wait_is_longer_than_its_ceiling_and_no_ceiling_than_five_minutes(
    every_s: float, seed: int, fails: int
) -> None:
    pace, now = pacing(every_s, seed), 0
    assert 0 <= pace.due_ns <= every_s * NS_PER_S
    for _ in range(fails):
        pace.failed(now)
        assert pace.ceiling_s() <= max(LONGEST_S, every_s)
        assert 0 <= pace.due_ns - now <= pace.ceiling_s() * NS_PER_S + 1
        now = pace.due_ns


def test_the_first_failures_are_retried_within_one_interval() -> None:
    pace = pacing()
    for _ in range(QUICK_TRIES):
        pace.failed(0)
        assert pace.ceiling_s() == 5
    pace.failed(60 * NS_PER_S)
    assert pace.ceiling_s() == 10


@given(st.floats(0.1, 60), st.integers(0, 2**32), st.floats(0, 3000))
def test_no_kiosk_stays_away_longer_than_its_source_did(every_s: float, seed: int, outage_s: float) -> None:
    """Seen with 50 fetchers: after a minute's outage the last ones came back only after more than two."""
    pace, end = pacing(every_s, seed), round(outage_s * NS_PER_S)
    now = pace.due_ns
    begin = now
    while now < begin + end:
        pace.failed(now)
        now = pace.due_ns
    back = now - (begin + end)

    assert back <= max(every_s, min(outage_s, LONGEST_S)) * NS_PER_S + 1000


def test_the_breaker_opens_lets_one_try_through_and_closes_after_it() -> None:
    pace = pacing()
    for _ in range(TRIES_UNTIL_OPEN - 1):
        pace.failed(0)
        assert pace.state(0) == "closed"
    pace.failed(0)
    assert pace.state(pace.due_ns - 1) == "open"
    assert pace.state(pace.due_ns) == "half-open"
    pace.failed(pace.due_ns)
    assert pace.state(pace.due_ns - 1) == "open"
    pace.succeeded(pace.due_ns)
    assert pace.state(pace.due_ns) == "closed"
    assert pace.ceiling_s() == 5


def test_a_success_waits_at_most_one_interval() -> None:
    pace = pacing()
    for _ in range(1000):
        pace.succeeded(0)
        assert 4 * NS_PER_S <= pace.due_ns <= 5 * NS_PER_S


def test_kiosks_that_lost_a_server_together_do_not_come_back_together() -> None:
    """Of 1000 kiosks whose breakers are open, no second of the five minutes gets more than a few."""
    paces = [pacing(seed=seed) for seed in range(1000)]
    for pace in paces:
        for failure in range(12):
            pace.failed(failure * 100 * NS_PER_S)
    seconds = [pace.due_ns // NS_PER_S for pace in paces]
    assert max(seconds.count(second) for second in set(seconds)) <= 15
