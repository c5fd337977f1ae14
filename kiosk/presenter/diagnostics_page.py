"""The diagnostics page, behind Ctrl+Shift+D: what somebody at the display can read out to somebody on the telephone.

Invariant: pure; figures of the last report, no names of participants. A press of the button leaves the page and spins.
"""

from kiosk.draw_session import Session
from kiosk.supervise.health_files import Health
from kiosk.supervise.run_report import Report


def page(health: Health, report: Report, session: Session, *, home: str) -> tuple[tuple[str, str], ...]:
    """Return the lines of the page: what, and its value."""
    machine = health.machine
    listed = session.listed
    shown = f"generation {health.generation}, {listed.s[:8]}" if listed and health.generation else "sample names"
    return (
        ("State", f"{health.state}; running for {_span(health.uptime_s)}"),
        ("List", f"{shown}, {health.spins} spins"),
        ("Ledger", f"record {session.seq}, head {session.head[:16]}"),
        ("Kiosk", f"{session.kiosk_id[:8]}, home {home}"),
        ("Picture", f"{report.backend}, {report.driver}"),
        ("Last frame", f"{health.last_frame_age_ms} ms ago"),
        ("New lists", "arrive" if health.watcher_alive else "DO NOT ARRIVE: restart the kiosk"),
        ("Memory", _unknown(health.pss_mb, "MB")),
        ("Temperature", _unknown(machine.temperature_c, "°C")),
        ("Power", _power(machine.undervoltage, machine.undervoltage_since_boot, machine.throttled)),
        ("Disk", _disk(machine.disk_free_mb, machine.disk_errors, machine.disk_read_only)),
        ("Clock", f"{health.at[:19].replace('T', ' ')} UTC"),
        *(("Notice", notice) for notice in health.notices),
    )


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
