"""What the fetcher says of the sources of lists, for the status line and the diagnostics page.

Invariant: it reads one small file, every few seconds, in idle only. A kiosk without a fetcher has nothing to say.
"""

from datetime import UTC, datetime
from pathlib import Path

from kiosk.core.clock import NS_PER_S, Clock
from kiosk.core.source_status import SourceReport, SourcesStatus, read_sources_status
from kiosk.supervise.supervisor import Supervisor

_LOOK_NS = 5 * NS_PER_S
AWAY_S = 60
"""How long a source has been out of reach before the status line says so, in seconds."""
STICK_S = 60
"""How long the screen says what became of a stick, in seconds."""
SILENT_S = 120
"""A fetcher whose status is older does not run; it writes one every 30 s."""


class SourcesMonitor(Supervisor):
    """Keeps the fetcher's status at hand.

    Args:
        path: the fetcher's status file.
        stick_path: what became of the last stick.
        clock: the machine's.

    Attributes:
        out_of_reach: whether lists from elsewhere cannot arrive now.
        stick: what became of a stick that was plugged in a moment ago; None without one.
        lines: for the diagnostics page: what, and its value.
    """

    def __init__(self, path: Path, stick_path: Path, clock: Clock) -> None:
        self._path = path
        self._stick_path = stick_path
        self._clock = clock
        self._next_ns = 0
        self.out_of_reach = False
        self.stick: SourceReport | None = None
        self.lines: tuple[tuple[str, str], ...] = ()

    def on_idle(self, *, recorded: bool) -> None:
        """See `Supervisor`."""
        del recorded
        now_ns = self._clock.monotonic_ns()
        if now_ns < self._next_ns:
            return
        self._next_ns = now_ns + _LOOK_NS
        status, now = read_sources_status(self._path), self._clock.utc_now()
        stick = read_sources_status(self._stick_path)
        self.stick = stick.sources[0] if stick and stick.sources and 0 <= _age_s(stick.at, now) <= STICK_S else None
        if status is None or not status.sources:
            self.out_of_reach, self.lines = False, ()
            return
        silent = fetcher_silent(status, now)
        self.out_of_reach = silent or all(_age_s(one.failing_since, now) >= AWAY_S for one in status.sources)
        self.lines = tuple(("Source", source_in_words(one)) for one in status.sources)
        if silent:
            self.lines += (("Fetcher", "DOES NOT RUN: restart wheel-fetch"),)


def fetcher_silent(status: SourcesStatus, now: datetime) -> bool:
    """Say whether the fetcher has stopped writing its status."""
    return _age_s(status.at, now) > SILENT_S


def source_in_words(source: SourceReport) -> str:
    """Return one source in a line: where, and since when it is out of reach or when it last answered."""
    if source.failing_since:
        return f"{source.url}: OUT OF REACH since {_shown(source.failing_since)}: {source.problem}"
    asked = f"answered {_shown(source.answered_at)}" if source.answered_at else "not asked yet"
    return "; ".join((f"{source.url}: {asked}", *source.refused[:1]))


def _shown(at: str) -> str:
    return f"{at[:19].replace('T', ' ')} UTC"


def _age_s(at: str, now: datetime) -> float:
    try:
        return (now - datetime.fromisoformat(at).replace(tzinfo=UTC)).total_seconds()
    except ValueError:
        return 0
