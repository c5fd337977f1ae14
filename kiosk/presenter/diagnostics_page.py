"""The diagnostics page behind Ctrl+Shift+D: figures that somebody at the display can read out on the telephone.

Invariant: figures of the last health report, no names of participants. It is in English in every theme, for
those who give support. A press of the button closes the page and spins; after a minute it closes by itself.
"""

import contextlib
import socket
from collections.abc import Callable

import msgspec

from kiosk.config.runtime_versions import own_version
from kiosk.core.home import Home
from kiosk.draw.entropy import level_of
from kiosk.session.draw_session import Session
from kiosk.snapshot.model import Listed, Snapshot
from kiosk.supervise.health.report import Health
from kiosk.supervise.run_report import RunReport
from kiosk.supervise.sources_monitor import SourcesMonitor


class DiagnosticsPage(msgspec.Struct, frozen=True):
    """Builds the page.

    Attributes:
        health: returns the last health report; None before the first frame.
        report: says what draws.
        session: what is on the wheel.
        home: of this kiosk.
        sources: says where lists come from.
        waiting: returns how many organiser requests wait, and for what.
        rehearsing: whether this is a rehearsal.
    """

    health: Callable[[], Health | None]
    report: RunReport
    session: Session
    home: Home
    sources: SourcesMonitor
    waiting: Callable[[], tuple[str, ...]]
    rehearsing: bool

    def lines(self) -> tuple[tuple[str, str], ...]:
        """Return the lines of the page, what and its value; none before the first frame."""
        health = self.health()
        return () if health is None else self._lines(health)

    def _lines(self, health: Health) -> tuple[tuple[str, str], ...]:
        machine, session = health.machine, self.session
        listed = session.listed
        shown = _list(listed) if listed and health.generation else "sample names"
        return (
            ("Version", f"wheel-kiosk {own_version()}"),
            ("Address", _address()),
            ("State", f"{health.state}; running for {_span(health.uptime_s)}"),
            ("List", f"{shown}, {health.spins} spins"),
            *((("Entropy", _entropy(listed.snapshot)),) if listed and not listed.demo else ()),
            ("Ledger", f"record {session.seq}, head {session.head[:16]}"),
            ("Kiosk", f"{session.kiosk_id[:8]}, home {self.home.root}"),
            ("Picture", f"{self.report.backend}, {self.report.driver}"),
            ("Last frame", f"{health.last_frame_age_ms} ms ago"),
            ("New lists", "arrive" if health.watcher_alive else "DO NOT ARRIVE: restart the kiosk"),
            *((("Requests wait", "; ".join(waiting)),) if (waiting := self.waiting()) else ()),
            *self.sources.lines,
            ("Memory", _unknown(health.pss_mb, "MB")),
            ("Temperature", _unknown(machine.temperature_c, "°C")),
            ("Power", _power(machine.undervoltage, machine.undervoltage_since_boot, machine.throttled)),
            ("Disk", _disk(machine.disk_free_mb, machine.disk_errors, machine.disk_read_only)),
            ("Rehearsal", "press R to end it" if self.rehearsing else "press R to begin one: nothing counts then"),
            ("Clock", f"{health.at[:19].replace('T', ' ')} UTC"),
            *(("Notice", notice) for notice in health.notices),
        )


def _entropy(snapshot: Snapshot) -> str:
    """Return which public entropy the list uses, and for whom that is worth something."""
    if snapshot.spins.mode == "fixed":
        return "predetermined by the organiser"
    items = snapshot.entropy
    who = {
        "sealed": "sealed draw: you trust whoever runs the kiosk",
        "live": "live draw, for those in the room",
        "public": "public draw, for those who kept the anchor before",
    }[level_of(items)]
    unchecked = " (round unchecked here)" if any(item.startswith("drand:") for item in items) else ""
    return f"{who}: {', '.join(items)}{unchecked}" if items else who


def _list(listed: Listed) -> str:
    snapshot = listed.snapshot
    return f"generation {snapshot.generation}, {listed.s[:8]}, {snapshot.spins.mode}"


def _address() -> str:
    """Return name and address of this machine in its network. Connecting a datagram socket sends nothing."""
    for family, anybody in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as link:
            link.connect((anybody, 9))
            return f"{socket.gethostname()}, {link.getsockname()[0]}"
    return f"{socket.gethostname()}, no network"


def _unknown(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:g} {unit}"


def _span(seconds: int) -> str:
    minutes, hours, days = seconds // 60 % 60, seconds // 3600 % 24, seconds // 86_400
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _power(undervoltage: bool | None, before: bool | None, throttled: bool | None) -> str:  # noqa: FBT001 - as told
    if undervoltage is None and throttled is None:
        return "-"
    if undervoltage:
        return "TOO WEAK: use the Pi's own power supply"
    slowed = ", slowed down" if throttled else ""
    return ("was too weak since the start" if before else "good") + slowed


def _disk(free_mb: int | None, errors: int | None, read_only: bool | None) -> str:  # noqa: FBT001 - as told
    if read_only:
        return "READ-ONLY: nothing can be recorded"
    free = "-" if free_mb is None else f"{free_mb} MB free"
    return f"{free}, {errors} ERRORS" if errors else free
