"""Checks of the running kiosk, by its own health report, and of the watcher's means."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from kiosk.commands.doctor.finding import Finding, note, ok, wrong
from kiosk.commands.doctor.machine import SERVICE, ExaminedMachine
from kiosk.core.regular_files import read_file
from kiosk.supervise.health.report import Health

_OLD_HEALTH_S = 60
_HUNG_MS = 20_000
_MOST_HEALTH_BYTES = 1 << 20


def running_kiosk(machine: ExaminedMachine) -> Iterator[Finding]:
    """Does a kiosk run here, present frames and notice new lists?"""
    restart = f"sudo systemctl restart {SERVICE}    and to see why: journalctl -u {SERVICE} -n 50 -o cat"
    if machine.service and machine.service not in {"active", "activating"}:
        yield wrong("service", f"it is {machine.service}", restart)
        return
    path = machine.root / "run/wheel-kiosk/health.json"
    path = path if path.exists() else machine.home.kiosk / machine.loaded.settings.health_file
    try:
        health = msgspec.json.decode(read_file(path, limit=_MOST_HEALTH_BYTES), type=Health)
        age_s = (machine.now - datetime.fromisoformat(health.at)).total_seconds()
    except (OSError, msgspec.MsgspecError, ValueError):
        if machine.service:
            yield wrong("service", "it runs and reports no health", restart)
        else:
            yield note("service", "no kiosk runs here", "wheel-kiosk run")
        return
    if age_s > _OLD_HEALTH_S:
        yield wrong("service", f"its last health report is {age_s:.0f} s old", restart)
    elif health.last_frame_age_ms > _HUNG_MS:
        yield wrong("service", f"no frame for {health.last_frame_age_ms // 1000} s: the screen hangs", restart)
    elif not health.watcher_alive:
        yield wrong("watcher", "its thread has died: new lists do not arrive", restart)
    else:
        memory = f", {health.pss_mb:g} MB" if health.pss_mb is not None else ""
        yield ok("service", f"{health.state}, generation {health.generation}, {health.spins} spins{memory}")
        yield ok("watcher", "alive")


def watches(machine: ExaminedMachine) -> Iterator[Finding]:
    """Does the system allow enough file watchers?"""
    path = machine.root / "proc/sys/fs/inotify/max_user_instances"
    try:
        most = int(path.read_text())
    except (OSError, ValueError):
        return
    if most < 16:
        yield wrong(
            "watcher",
            f"the system allows {most} watchers a user: a new list shows only after up to 5 s",
            "echo fs.inotify.max_user_instances=128 | sudo tee /etc/sysctl.d/50-wheel.conf; sudo sysctl --system",
        )
