"""What the kiosk says it shows: its status.json, read by somebody who was not there.

Invariant: reading only. The file is a claim with a time on it, so an old one is said to be old.
"""

from datetime import UTC, datetime

import msgspec

from kiosk.core.home import Home
from kiosk.core.regular_files import read_file

_MOST_BYTES = 1 << 20
FRESH_S = 30
"""A running kiosk writes its status more often than this, in seconds."""
WAITING = "waiting"
"""The state of a kiosk that shows nothing yet, because it has no display."""


class KioskStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The kiosk's own words; a field that it does not say keeps its default."""

    state: str = "unknown"
    generation: int | None = None
    snapshot: str | None = None
    title: str = ""
    entries: int | None = None
    left: int | None = None
    spin: int | None = None
    seq: int | None = None
    head: str | None = None
    at: str = ""
    notices: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The kiosk's status and what to think of it.

    Attributes:
        status: None if there is none or it cannot be understood.
        age_s: seconds since it was written; None if unknown.
        fresh: written within the last `FRESH_S` seconds.
        problem: why it should not be relied on, as a sentence; empty if it can be.
    """

    status: KioskStatus | None = None
    age_s: int | None = None
    fresh: bool = False
    problem: str = ""


def read_status(home: Home, now: datetime) -> Report:
    """Read status.json and judge its age at `now`."""
    try:
        status = msgspec.json.decode(read_file(home.status, limit=_MOST_BYTES), type=KioskStatus)
    except FileNotFoundError:
        return Report(
            problem="The kiosk has not written a status here: it has not run yet, or its home is another one."
        )
    except OSError as error:
        return Report(problem=f"The kiosk's status cannot be read: {error.strerror or error}.")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Report(problem=f"The kiosk's status cannot be understood: {error}.")
    try:
        written = datetime.fromisoformat(status.at)
    except ValueError:
        return Report(status=status, problem="The kiosk's status does not say when it was written.")
    if written.tzinfo is None:
        written = written.replace(tzinfo=UTC)
    age_s = round((now - written).total_seconds())
    if age_s < -FRESH_S:
        return Report(status=status, age_s=age_s, problem="The kiosk's status is from the future: check both clocks.")
    if age_s > FRESH_S:
        return Report(
            status=status, age_s=age_s, problem=f"The kiosk's status is {age_in_words(age_s)} old: it is not running."
        )
    return Report(status=status, age_s=age_s, fresh=True)


def age_in_words(seconds: int) -> str:
    """Return `45 seconds`, `12 minutes`, `3 hours` or `2 days`."""
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size * 2:
            return f"{seconds // size} {unit}s"
    return "1 second" if seconds == 1 else f"{seconds} seconds"
