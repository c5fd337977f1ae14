"""Reads the machine's own state: temperature, power, disk.

Invariant: what a machine does not report is None, and nothing here raises.
"""

import os
from pathlib import Path

import msgspec

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
