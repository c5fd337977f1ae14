"""The report in Prometheus' text format, for node_exporter's textfile collector.

Invariant: a value that is not known is left out. `METRICS` is the complete table: docs/monitoring names nothing else.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from kiosk.supervise.health.report import Health, LastSpin

PREFIX = "wheel_kiosk_"
_STATES = ("idle", "spinning", "settling")
Sample = tuple[str, float | None]
"""Labels as they are written, such as `{state="idle"}`, or ""; and the value."""


class Metric(msgspec.Struct, frozen=True):
    """One metric: its name without prefix, what it means, and how it is read from a report."""

    name: str
    about: str
    samples: Callable[[Health], Iterable[Sample]]

    @property
    def kind(self) -> str:
        """Prometheus' type: what only grows ends with `_total`."""
        return "counter" if self.name.endswith("_total") else "gauge"


def _gauge(name: str, about: str, value: Callable[[Health], float | None]) -> Metric:
    return Metric(name, about, lambda health: [("", value(health))])


def _of_spin(name: str, about: str, value: Callable[[LastSpin], float]) -> Metric:
    return _gauge(f"last_spin_{name}", about, lambda health: value(health.last_spin) if health.last_spin else None)


def _counter(field: str, about: str) -> Metric:
    return _gauge(f"{field}_total", about, lambda health: float(getattr(health.counters, field)))


def _frame_times(health: Health) -> Iterable[Sample]:
    spin = health.last_spin
    if spin is not None:
        for quantile, ms in (("0.5", spin.frame_p50_ms), ("0.99", spin.frame_p99_ms), ("1", spin.frame_max_ms)):
            yield f'{{quantile="{quantile}"}}', ms / 1000


def _seconds(at: str) -> float | None:
    return datetime.fromisoformat(at).timestamp() if at else None


METRICS: tuple[Metric, ...] = (
    Metric("state", "What the kiosk is doing.", lambda h: [(f'{{state="{s}"}}', s == h.state) for s in _STATES]),
    _gauge("generation", "Generation of the list on the wheel, 0 for the sample names.", lambda h: h.generation),
    _gauge("spins", "Spins of that list that are decided.", lambda h: h.spins),
    _gauge("last_frame_age_seconds", "Time since a frame was presented.", lambda h: h.last_frame_age_ms / 1000),
    _gauge("watcher_alive", "Whether new lists would arrive.", lambda h: h.watcher_alive),
    _gauge("visible", "Whether the window can be seen.", lambda h: h.visible),
    _gauge("pss_bytes", "Proportional set size.", lambda h: None if h.pss_mb is None else h.pss_mb * 1e6),
    _gauge("open_files", "File descriptors of the process.", lambda h: h.open_files),
    _gauge("threads", "Threads of the process.", lambda h: h.threads),
    _gauge("uptime_seconds", "Time since the first frame.", lambda h: h.uptime_s),
    _gauge("notices", "Notices on the status line.", lambda h: len(h.notices)),
    _gauge("last_success_timestamp_seconds", "When a wheel last came to rest.", lambda h: _seconds(h.last_spin_at)),
    _of_spin("duration_seconds", "From the first motion to rest.", lambda spin: spin.duration_ms / 1000),
    _of_spin("on_time", "Whether that is the planned time, within 0.1 s.", lambda spin: spin.on_time),
    _of_spin("frames_per_second", "Frames presented a second.", lambda spin: spin.frames_per_second),
    _of_spin("dropped_frames", "Frames that were due and not presented.", lambda spin: spin.dropped_frames),
    Metric("last_spin_frame_seconds", "Time spent on a frame of the last spin.", _frame_times),
    _gauge("longest_frame_seconds", "Longest frame from press to idle.", lambda h: h.longest_frame_ms / 1000),
    _counter("spins_made", "Spins shown to their end."),
    _counter("spins_failed", "Presses that could not spin."),
    _counter("spins_resumed", "Spins shown again after a restart, or because the window was hidden."),
    _counter("spins_off_time", "Spins that took 0.1 s more or less than planned."),
    _counter("frames_failed", "Frames that could not be drawn."),
    _counter("frames_dropped", "Frames of spins that were due and not presented."),
    _counter("lists_adopted", "Published lists that were adopted."),
    _counter("lists_refused", "Published files that were refused."),
    _counter("times_hidden", "How often the window was hidden."),
    _counter("presses_unseen", "Presses that did not count because the window was hidden."),
    Metric(
        "errors_total",
        "Errors, by their kind.",
        lambda h: [(f'{{kind="{kind}"}}', count) for kind, count in sorted(h.counters.errors.items())],
    ),
    Metric("cache_size", "Things in a cache.", lambda h: [(f'{{cache="{c.name}"}}', c.size) for c in h.caches]),
    Metric("cache_limit", "Most things in it.", lambda h: [(f'{{cache="{c.name}"}}', c.limit) for c in h.caches]),
    _gauge("temperature_celsius", "Temperature of the processor.", lambda h: h.machine.temperature_c),
    _gauge("throttled", "Whether the processor is slowed down.", lambda h: h.machine.throttled),
    _gauge("undervoltage", "Whether the power supply is too weak.", lambda h: h.machine.undervoltage),
    _gauge("undervoltage_since_boot", "Whether it was, since boot.", lambda h: h.machine.undervoltage_since_boot),
    _gauge("disk_errors", "Errors that the home's file system has counted.", lambda h: h.machine.disk_errors),
    _gauge("disk_read_only", "Whether the home's file system is read-only.", lambda h: h.machine.disk_read_only),
    _gauge(
        "disk_free_bytes",
        "Space left.",
        lambda h: None if h.machine.disk_free_mb is None else h.machine.disk_free_mb * 1e6,
    ),
)


def prometheus(health: Health) -> str:
    """Return the report as text."""
    lines: list[str] = []
    for metric in METRICS:
        name = PREFIX + metric.name
        samples = [(labels, value) for labels, value in metric.samples(health) if value is not None]
        if samples:
            lines += [f"# HELP {name} {metric.about}", f"# TYPE {name} {metric.kind}"]
            lines += [f"{name}{labels} {float(value):.12g}" for labels, value in samples]
    return "\n".join(lines) + "\n"
