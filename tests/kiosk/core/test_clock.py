"""The clocks: the system's, and the manual one."""

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock, ManualClock, SystemClock, rfc3339


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(utc=datetime(2026, 5, 4, 9, 30, tzinfo=UTC))


def test_a_manual_clock_stands_still_until_told(clock: ManualClock) -> None:
    assert [clock.monotonic_ns() for _ in range(3)] == [0, 0, 0]
    assert clock.utc_now() == datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def test_sleeping_advances_a_manual_clock_and_nothing_waits(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waits"))

    clock.sleep_ns(3600 * NS_PER_S)
    clock.advance_ns(125 * NS_PER_MS)

    assert clock.monotonic_ns() == 3600 * NS_PER_S + 125 * NS_PER_MS
    assert rfc3339(clock.utc_now()) == "2026-05-04T10:30:00.125Z"


@given(st.lists(st.integers(-(10**12), 10**12), max_size=10))
def test_a_manual_clock_never_goes_back(steps: list[int]) -> None:
    clock = ManualClock()
    for step in steps:
        before = clock.monotonic_ns()
        clock.sleep_ns(step)
        assert clock.monotonic_ns() == before + max(0, step)


def test_the_system_clock_is_monotonic_and_its_wall_time_has_a_zone() -> None:
    clock: Clock = SystemClock()

    assert clock.monotonic_ns() <= clock.monotonic_ns()
    assert clock.utc_now().utcoffset() == timedelta(0)


def test_the_system_clock_sleeps_as_long_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    for duration_ns in (-5, 0, 1_500_000):
        SystemClock().sleep_ns(duration_ns)

    assert slept == [0.0015]


def test_the_system_clock_wakes_up_when_what_it_waits_for_is_there() -> None:
    until = threading.Event()
    SystemClock().sleep_ns(1, until)
    assert not until.is_set()

    until.set()
    SystemClock().sleep_ns(3600 * NS_PER_S, until)  # or the test never ends


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 5, 4, 9, 30, 0, 125_999, tzinfo=UTC), "2026-05-04T09:30:00.125Z"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
        (datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2025-12-31T22:00:00.000Z"),
        (datetime(1970, 1, 1, tzinfo=UTC), "1970-01-01T00:00:00.000Z"),
    ],
)
def test_records_carry_rfc_3339_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert rfc3339(moment) == text
