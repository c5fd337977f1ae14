"""Time as an argument: the system's clock, and one that tests advance by hand.

Invariant: motion is measured in monotonic nanoseconds; only records carry wall time (UTC). Nothing else reads the wall
clock, so a clock that jumps to 1970 or 2099 changes only the `at` of a record.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000


class Waitable(Protocol):
    """What ends a sleep early, such as `threading.Event`."""

    def set(self) -> None:
        """End the sleep, or the next one. May be called on any thread and from a signal handler."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it, for at most `timeout` seconds; returns whether it came."""
        ...


class Clock(Protocol):
    """A source of time."""

    def monotonic_ns(self) -> int:
        """Return nanoseconds since some fixed instant; the value never decreases."""
        ...

    def utc_now(self) -> datetime:
        """Return the wall time, with its time zone."""
        ...

    def sleep_ns(self, duration_ns: int, until: Waitable | None = None) -> None:
        """Sleep for at least `duration_ns` nanoseconds, or until `until` comes."""
        ...


class SystemClock:
    """The clocks of the operating system."""

    def monotonic_ns(self) -> int:
        """Return `time.monotonic_ns()`."""
        return time.monotonic_ns()

    def utc_now(self) -> datetime:
        """Return the system's UTC time."""
        return datetime.now(UTC)

    def sleep_ns(self, duration_ns: int, until: Waitable | None = None) -> None:
        """Sleep; returns immediately for zero or less."""
        if duration_ns <= 0:
            return
        if until is None:
            time.sleep(duration_ns / NS_PER_S)
        else:
            until.wait(duration_ns / NS_PER_S)


class ManualClock:
    """A clock that moves only when told to: sleeping advances it and returns immediately.

    It drives the tests and `wheel-kiosk run --clock simulated`. Its wall time starts at `utc` and advances with the
    monotonic time.
    """

    def __init__(self, *, utc: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._elapsed_ns = 0
        self._start = utc

    def monotonic_ns(self) -> int:
        """Return the nanoseconds advanced so far."""
        return self._elapsed_ns

    def utc_now(self) -> datetime:
        """Return the start time plus the time advanced so far."""
        return self._start + timedelta(microseconds=self._elapsed_ns // 1000)

    def sleep_ns(self, duration_ns: int, until: Waitable | None = None) -> None:  # noqa: ARG002 - it never waits
        """Advance by `duration_ns` without waiting."""
        self.advance_ns(duration_ns)

    def advance_ns(self, duration_ns: int) -> None:
        """Advance by `duration_ns`; zero or less changes nothing."""
        self._elapsed_ns += max(0, duration_ns)


def rfc3339(moment: datetime) -> str:
    """Format as RFC 3339 in UTC with milliseconds: `2026-05-04T09:30:00.125Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
