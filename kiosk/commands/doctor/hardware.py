"""Checks of the hardware: button, clock, disk, power."""

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime

from kiosk.commands.doctor.finding import Finding, ok, wrong
from kiosk.commands.doctor.machine import SERVICE, ExaminedMachine
from kiosk.core.home import Home
from kiosk.core.regular_files import read_file
from kiosk.ledger.ledger import MAX_LEDGER_BYTES

_LITTLE_SPACE_MB = 200
_HOT_C = 80.0


def button(machine: ExaminedMachine) -> Iterator[Finding]:
    """Can the GPIO button of kiosk.toml be used?"""
    settings = machine.loaded.settings
    if settings.button_pin is None:
        yield ok("button", "no GPIO button is set in kiosk.toml; keys, gamepads and USB buttons work")
        return
    chips = sorted((machine.root / "dev").glob("gpiochip*"))
    missing = [name for name in ("gpiozero", "lgpio") if not machine.module(name)]
    if missing:
        yield wrong(
            "button", f"not installed: {', '.join(missing)}", "sudo apt-get install python3-gpiozero python3-lgpio"
        )
    elif not chips:
        yield wrong(
            "button",
            f"button_pin is {settings.button_pin}, and this machine has no GPIO (/dev/gpiochip*)",
            f"sudo nano {machine.home.settings}    and put a # before button_pin",
        )
    elif not any(machine.may(chip, "rw") for chip in chips):
        yield wrong(
            "button",
            f"{machine.user} may not use {chips[0]}",
            f"sudo usermod -aG gpio {machine.user}    then: sudo systemctl restart {SERVICE}",
        )
    else:
        yield ok("button", f"GPIO {settings.button_pin}")


def clock(machine: ExaminedMachine) -> Iterator[Finding]:
    """Is the machine's clock behind the ledger's last record?"""
    remedy = "sudo timedatectl set-ntp true    (or, without a network: sudo timedatectl set-time '2026-05-04 09:30:00')"
    last = _last_record_at(machine.home)
    if last and machine.now < last:
        ago = f"the ledger's last record is from {last:%Y-%m-%d %H:%M}, later than the clock says it is now"
        yield wrong("clock", f"{ago}, {machine.now:%Y-%m-%d %H:%M} UTC", remedy)
    else:
        yield ok("clock", f"{machine.now:%Y-%m-%d %H:%M} UTC")


def _last_record_at(home: Home) -> datetime | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, IndexError):
        last = json.loads(read_file(home.ledger, limit=MAX_LEDGER_BYTES).splitlines()[-1])
        return datetime.fromisoformat(last["at"])
    return None


def disk(machine: ExaminedMachine) -> Iterator[Finding]:
    """Is the disk writable, healthy and not full?"""
    health, bad = machine.health, False
    if health.disk_read_only:
        bad = True
        yield wrong(
            "disk",
            "the disk is read-only, as it becomes after errors",
            "sudo reboot    and if that does not help: RUNBOOK.md, 'Replace the SD card'",
        )
    if health.disk_errors:
        bad = True
        yield wrong(
            "disk",
            f"the file system has counted {health.disk_errors} errors",
            "wheel-admin bundle -o backup.wheel    then replace the SD card (RUNBOOK.md)",
        )
    if health.disk_free_mb is not None and health.disk_free_mb < _LITTLE_SPACE_MB:
        bad = True
        yield wrong(
            "disk", f"{health.disk_free_mb} MB are left", "sudo apt-get clean; sudo journalctl --vacuum-size=50M"
        )
    if not bad:
        yield ok("disk", f"{health.disk_free_mb} MB are left")


def power(machine: ExaminedMachine) -> Iterator[Finding]:
    """Is the power supply strong enough, and the processor cool?"""
    health, bad = machine.health, False
    if health.undervoltage or health.undervoltage_since_boot:
        bad = True
        when = "is" if health.undervoltage else "was"
        yield wrong("power", f"the power supply {when} too weak", "Use the Pi's own power supply and a short cable.")
    if health.temperature_c is not None and health.temperature_c >= _HOT_C:
        bad = True
        yield wrong("power", f"the processor is at {health.temperature_c:g} °C", "Give it air, or a fan.")
    if not bad:
        told = f"{health.temperature_c:g} °C" if health.temperature_c is not None else "no sensors"
        yield ok("power", told)
