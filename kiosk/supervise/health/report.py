"""What is reported about a kiosk, as types.

Invariant: the size of a report does not depend on how long the kiosk has run.
"""

import msgspec

from kiosk.supervise.health.machine import MachineHealth
from kiosk.supervise.run_report import Counters


class LastSpin(msgspec.Struct, frozen=True, kw_only=True):
    """The last spin as it was shown.

    Attributes:
        at: when it came to rest, UTC.
        duration_ms: from the first motion to rest.
        on_time: whether that is the planned time, within a tenth of a second.
        frames_per_second: presented.
        frame_p50_ms: time spent on a frame: the median,
        frame_p99_ms: the 99th percentile,
        frame_max_ms: and the longest.
        dropped_frames: due and not presented.
        resumed: it was decided before a restart, or hidden, and shown again.
    """

    at: str
    duration_ms: int
    on_time: bool
    frames_per_second: float
    frame_p50_ms: float
    frame_p99_ms: float
    frame_max_ms: float
    dropped_frames: int
    resumed: bool


class CacheSize(msgspec.Struct, frozen=True):
    """How many things a cache holds, and how many it may hold."""

    name: str
    size: int
    limit: int


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """One report.

    Attributes:
        at: when it was written, UTC.
        state: idle, spinning or settling.
        generation: of the list on the wheel, 0 for the sample names; and
        spins: how many of it are decided.
        last_spin_at: when this process last brought a wheel to rest, UTC; "" if it has not yet.
        last_spin: figures of that spin; null if there is none.
        longest_frame_ms: of the last cycle, from the press to the idle wheel.
        last_frame_age_ms: since a frame was last presented while the watcher lived. Up to 5300 in idle; a larger value
            means that the screen hangs.
        watcher_alive: whether new lists would arrive.
        visible: whether the window can be seen.
        counters: of this process.
        caches: how full they are.
        open_files: file descriptors of this process.
        threads: of this process.
        pss_mb: memory in use, as the proportional set size, in MB.
        uptime_s: since the first frame.
        notices: as on the status line.
        machine: temperature, power, disk.
    """

    at: str
    state: str
    generation: int
    spins: int
    last_spin_at: str
    last_frame_age_ms: int
    watcher_alive: bool
    visible: bool = True
    last_spin: LastSpin | None = None
    longest_frame_ms: float = 0.0
    counters: Counters = msgspec.field(default_factory=Counters)
    caches: tuple[CacheSize, ...] = ()
    open_files: int | None = None
    threads: int | None = None
    pss_mb: float | None
    uptime_s: int
    notices: tuple[str, ...]
    machine: MachineHealth
