"""Health for monitoring from outside: health.json, and the same for Prometheus.

Invariant: a thread of its own writes the files every few seconds, atomically and independently of the loop; a loop
that hangs shows in `last_frame_age_ms`. The thread is not a heartbeat: heartbeats come from the loop alone
(`kiosk.supervise.watchdog`). What a machine does not report is null, and nothing here stops the kiosk.
"""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk.core.durable import PUBLIC, write_atomic
from kiosk.core.errors import HomeError

logger = logging.getLogger(__name__)

EVERY_S = 5.0
"""Seconds between two files."""
_STOP_TIMEOUT_S = 10.0
_UNDERVOLTAGE, _THROTTLED = 1 << 0, 1 << 1 | 1 << 2 | 1 << 3
_SINCE_BOOT = 16
"""Bits of the firmware's `get_throttled`: voltage, then clock capped, throttled, warm; 16 bits higher: since boot."""


class MachineHealth(msgspec.Struct, frozen=True, kw_only=True):
    """The machine's own state; null where it does not report one.

    Attributes:
        temperature_c: of the processor, in degrees Celsius.
        throttled: the processor is slowed down now, by heat or by the power supply.
        throttled_since_boot: it was, at some time.
        undervoltage: the power supply is too weak now.
        undervoltage_since_boot: it was, at some time.
        disk_errors: errors of the home's file system that ext4 has counted, ever.
        disk_read_only: the home's file system is mounted read-only; after errors it often is.
        disk_free_mb: space left for the home, in MB.
    """

    temperature_c: float | None = None
    throttled: bool | None = None
    throttled_since_boot: bool | None = None
    undervoltage: bool | None = None
    undervoltage_since_boot: bool | None = None
    disk_errors: int | None = None
    disk_read_only: bool | None = None
    disk_free_mb: int | None = None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """One report.

    Attributes:
        at: when it was written, UTC.
        state: idle, spinning or settling.
        generation: of the list on the wheel, 0 for the sample names; and
        spins: how many of it are decided.
        last_spin_at: when this process last brought a wheel to rest, UTC; "" if it has not yet.
        last_frame_age_ms: since a frame was last presented while the watcher lived. Up to 5100 in idle; a larger value
            means that the screen hangs.
        watcher_alive: whether new lists would arrive.
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
    pss_mb: float | None
    uptime_s: int
    notices: tuple[str, ...]
    machine: MachineHealth


def read_machine(home: Path, *, root: Path = Path("/")) -> MachineHealth:
    """Read temperature, power and disk.

    Args:
        home: on the disk in question.
        root: where /sys is; another one in tests.
    """
    system = root / "sys"
    flags = _throttle_flags(system)
    alarm = _undervoltage_alarm(system)
    now = None if flags is None else bool(flags & _UNDERVOLTAGE)
    try:
        disk = os.statvfs(home)
        read_only, free_mb = bool(disk.f_flag & os.ST_RDONLY), disk.f_bavail * disk.f_frsize // 1_000_000
    except OSError:
        read_only, free_mb = None, None
    return MachineHealth(
        temperature_c=_temperature_c(system),
        throttled=None if flags is None else bool(flags & _THROTTLED),
        throttled_since_boot=None if flags is None else bool(flags >> _SINCE_BOOT & _THROTTLED),
        undervoltage=alarm if now is None else now or bool(alarm),
        undervoltage_since_boot=None if flags is None else bool(flags >> _SINCE_BOOT & _UNDERVOLTAGE),
        disk_errors=_disk_errors(home, system),
        disk_read_only=read_only,
        disk_free_mb=free_mb,
    )


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except (OSError, ValueError):
        return None


def _number(text: str | None, base: int = 10) -> int | None:
    try:
        return None if text is None else int(text, base)
    except ValueError:
        return None


def _temperature_c(system: Path) -> float | None:
    milli = _number(_read(system / "class/thermal/thermal_zone0/temp"))
    return None if milli is None else round(milli / 1000, 1)


def _throttle_flags(system: Path) -> int | None:
    for pattern in ("soc*/*firmware/get_throttled", "*firmware/get_throttled"):
        for path in (system / "devices/platform").glob(pattern):
            return _number(_read(path), base=16)
    return None


def _undervoltage_alarm(system: Path) -> bool | None:
    for path in (system / "class/hwmon").glob("hwmon*/name"):
        if _read(path) == "rpi_volt":
            alarm = _number(_read(path.with_name("in0_lcrit_alarm")))
            return None if alarm is None else bool(alarm)
    return None


def _disk_errors(home: Path, system: Path) -> int | None:
    try:
        device = home.stat().st_dev
        block = (system / f"dev/block/{os.major(device)}:{os.minor(device)}").resolve().name
    except OSError:
        return None
    return _number(_read(system / f"fs/ext4/{block}/errors_count"))


def prometheus(health: Health) -> str:
    """Return the report in Prometheus' text format, for node_exporter's textfile collector."""
    machine = health.machine
    gauges: list[tuple[str, str, float | None]] = [
        ("generation", "Generation of the list on the wheel, 0 for the sample names.", health.generation),
        ("spins", "Spins of that list that are decided.", health.spins),
        ("last_frame_age_seconds", "Time since a frame was presented.", health.last_frame_age_ms / 1000),
        ("watcher_alive", "Whether new lists would arrive.", health.watcher_alive),
        ("pss_bytes", "Proportional set size.", None if health.pss_mb is None else health.pss_mb * 1e6),
        ("uptime_seconds", "Time since the first frame.", health.uptime_s),
        ("notices", "Notices on the status line.", len(health.notices)),
        ("temperature_celsius", "Temperature of the processor.", machine.temperature_c),
        ("throttled", "Whether the processor is slowed down.", machine.throttled),
        ("undervoltage", "Whether the power supply is too weak.", machine.undervoltage),
        ("undervoltage_since_boot", "Whether it ever was since boot.", machine.undervoltage_since_boot),
        ("disk_errors", "Errors that the home's file system has counted.", machine.disk_errors),
        ("disk_read_only", "Whether the home's file system is read-only.", machine.disk_read_only),
        ("disk_free_bytes", "Space left.", None if machine.disk_free_mb is None else machine.disk_free_mb * 1e6),
    ]
    lines = [
        "# HELP wheel_kiosk_state What the kiosk is doing.",
        "# TYPE wheel_kiosk_state gauge",
        *(f'wheel_kiosk_state{{state="{name}"}} {int(name == health.state)}' for name in _STATES),
    ]
    for name, about, value in gauges:
        if value is not None:
            lines += [f"# HELP wheel_kiosk_{name} {about}", f"# TYPE wheel_kiosk_{name} gauge"]
            lines.append(f"wheel_kiosk_{name} {float(value):.12g}")
    return "\n".join(lines) + "\n"


_STATES = ("idle", "spinning", "settling")


class HealthFiles:
    """Writes the reports on a thread of its own.

    Args:
        report: returns one; None while there is nothing to report. Called on the thread.
        health: the JSON file; None writes none.
        metrics: the file for Prometheus; None writes none.
        every_s: seconds between two.
    """

    def __init__(
        self,
        report: Callable[[], Health | None],
        *,
        health: Path | None,
        metrics: Path | None,
        every_s: float = EVERY_S,
    ) -> None:
        self._report = report
        self._health = health
        self._metrics = metrics
        self._every_s = every_s
        self._logged = ""
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)

    def start(self) -> None:
        """Start the thread, if any file is wanted."""
        if self._health is not None or self._metrics is not None:
            self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait for it; the last files stay.

        Raises:
            RuntimeError: the thread does not stop.
        """
        self.stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_STOP_TIMEOUT_S)
        if self._thread.is_alive():
            raise RuntimeError("the health thread does not stop")

    def write(self) -> None:
        """Write both files now. A disk that refuses is logged once until it accepts them again."""
        report = self._report()
        if report is None:
            return
        try:
            if self._health is not None:
                write_atomic(self._health, msgspec.json.encode(report) + b"\n", mode=PUBLIC)
            if self._metrics is not None:
                write_atomic(self._metrics, prometheus(report).encode(), mode=PUBLIC)
            self._logged = ""
        except HomeError as error:
            if self._logged != str(error):
                logger.warning("health cannot be written: %s", error)
            self._logged = str(error)

    def _run(self) -> None:
        while not self.stopping.wait(self._every_s):
            try:
                self.write()
            except Exception:
                logger.exception("health could not be reported; next try in %g s", self._every_s)
