"""`--report FILE`: measured figures of one run, for checks and demos.

Invariant: what is reported was measured while it happened; nothing is copied from the draw to make it look right.
"""

import os
import time
from pathlib import Path

import msgspec

from kiosk.core.durable import PUBLIC, write_atomic
from kiosk.supervise.memory_guard import pss_mb
from kiosk.supervise.supervisor import Supervisor

_IMPORTED_NS = time.monotonic_ns()


class FrameTimes(msgspec.Struct, frozen=True):
    """Time spent on a frame (advance, draw, present), in milliseconds."""

    p50: float
    p99: float
    max: float


class Counters(msgspec.Struct):
    """What happened in this process, counted; bounded, however long it runs.

    Attributes:
        spins_made: shown to their end, of which
        spins_resumed: were decided before a restart or hidden, and
        spins_off_time: took `TOLERANCE_MS` more or less than planned.
        spins_failed: presses that could not spin.
        frames_failed: could not be drawn.
        frames_dropped: were due in a spin and not presented.
        lists_adopted: published lists.
        lists_refused: published files.
        times_hidden: how often the window was hidden.
        presses_unseen: did not count because the window was hidden.
        errors: by the name of their class.
    """

    spins_made: int = 0
    spins_resumed: int = 0
    spins_off_time: int = 0
    spins_failed: int = 0
    frames_failed: int = 0
    frames_dropped: int = 0
    lists_adopted: int = 0
    lists_refused: int = 0
    times_hidden: int = 0
    presses_unseen: int = 0
    errors: dict[str, int] = {}

    def count_error(self, error: BaseException) -> None:
        """Count an error under the name of its class; beyond `MOST_KINDS` kinds under `other`."""
        kind = type(error).__name__
        if kind not in self.errors and len(self.errors) >= MOST_KINDS:
            kind = "other"
        self.errors = {**self.errors, kind: self.errors.get(kind, 0) + 1}  # replaced whole: another thread reads it


TOLERANCE_MS = 100
"""A spin that takes this much more or less than planned is reported."""
MOST_KINDS = 32


class SpinReport(msgspec.Struct, frozen=True):
    """One spin as it was shown.

    Attributes:
        under_pointer: ticket found at the wheel's final angle by `Segments.at`, not copied from the draw.
        duration_ms: from the first motion to rest, on the kiosk's clock.
        frames: presented.
        frame_ms: of those in which the wheel turns. It stands in the one that records the press, which `to_motion_ms`
            and the cycle's longest frame include.
        resumed: it was decided before a restart and only shown now.
        on_time: whether `duration_ms` is the planned time, within `TOLERANCE_MS`.
        dropped_frames: due and not presented.
        to_motion_ms: from the press to the first frame in which the wheel has moved; None if it was resumed.
    """

    spin: int
    mode: str
    ticket: str
    under_pointer: str
    duration_ms: int
    frames: int
    frame_ms: FrameTimes
    resumed: bool = False
    on_time: bool = True
    dropped_frames: int = 0
    to_motion_ms: float | None = None

    @property
    def frames_per_second(self) -> float:
        """Frames presented a second."""
        return round(self.frames * 1000 / self.duration_ms, 1) if self.duration_ms else 0.0


class AdoptionReport(msgspec.Struct, frozen=True):
    """A list that was adopted.

    Attributes:
        ms: from the file being in place to the frame that showed it.
        busy_ms: how long of that the loop was busy, so that no frame could be drawn.
    """

    generation: int
    ms: float
    busy_ms: float


LONGEST = 1000
"""Spins and adoptions that a report keeps: a kiosk may run for months."""


class RunReport(msgspec.Struct, kw_only=True):
    """One run.

    Attributes:
        fps: frames a second that are due.
        start_ms: from the start of the process to the first frame.
        pss_mb: proportional set size at the end.
        longest_frames_ms: of each cycle, from the press to the idle wheel.
    """

    backend: str = ""
    driver: str = ""
    entries: int = 0
    generation: int = 0
    snapshot: str = ""
    start_ms: float = 0.0
    wheel_image_ms: float = 0.0
    pss_mb: float | None = None
    spins: list[SpinReport] = []
    adoptions: list[AdoptionReport] = []
    longest_frames_ms: list[float] = []
    counters: Counters = msgspec.field(default_factory=Counters)
    fps: int = 60

    def add(self, event: SpinReport | AdoptionReport) -> None:
        """Add what happened; beyond `LONGEST` the oldest is dropped."""
        counters = self.counters
        if isinstance(event, SpinReport):
            self.spins.append(event)
            counters.spins_made += 1
            counters.spins_resumed += event.resumed
            counters.spins_off_time += not event.on_time
            counters.frames_dropped += event.dropped_frames
        else:
            self.adoptions.append(event)
        del self.spins[:-LONGEST], self.adoptions[:-LONGEST]

    def end_cycle(self, longest_frame_ms: float) -> None:
        """The wheel is idle again after a spin."""
        self.longest_frames_ms.append(round(longest_frame_ms, 1))
        del self.longest_frames_ms[:-LONGEST]

    def save(self, path: Path) -> None:
        """Write it as JSON.

        Raises:
            HomeError: it could not be written.
        """
        self.pss_mb = pss_mb()
        write_atomic(path, msgspec.json.format(msgspec.json.encode(self)) + b"\n", mode=PUBLIC)


def frame_times(frames_ms: list[float]) -> FrameTimes:
    """Summarise frame times; nearest-rank percentiles."""
    ranked = sorted(frames_ms) or [0.0]
    last = len(ranked) - 1
    return FrameTimes(
        p50=round(ranked[last // 2], 3), p99=round(ranked[round(last * 0.99)], 3), max=round(ranked[-1], 3)
    )


def process_age_ms() -> float:
    """Return the time since this process was started, in ms; where that is unknown, since this import."""
    try:
        fields = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
        started_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return (time.clock_gettime(time.CLOCK_BOOTTIME) - started_s) * 1000
    except (OSError, ValueError, IndexError, AttributeError):
        return (time.monotonic_ns() - _IMPORTED_NS) / 1e6


class StartTimer(Supervisor):
    """Measures `start_ms`: from the start of the process to the first frame."""

    def __init__(self, report: RunReport) -> None:
        self._report = report

    def on_presented(self, now_ns: int) -> None:
        """See `Supervisor`."""
        del now_ns
        if not self._report.start_ms:
            self._report.start_ms = round(process_age_ms(), 1)
