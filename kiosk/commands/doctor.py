"""`wheel-kiosk doctor`: what is wrong with this machine, and the line to type.

Law: it looks and changes nothing, and it opens neither the display nor the sound: the wheel may be using them. Each
check is a function from a `Place` to findings, so that a test can plant a fault: nothing here asks the system but
through the place. What a check says is for somebody without Linux skills: what is so, and one command.
"""

import contextlib
import ctypes.util
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from kiosk.config.settings import Loaded, read_settings
from kiosk.core.clock import SystemClock
from kiosk.core.errors import WheelError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.devices.display import connectors
from kiosk.intake.snapshot_files import Floor, candidates, newest_good
from kiosk.ledger.history import History
from kiosk.ledger.reader import fold, read_records
from kiosk.supervise.health_files import Health, Machine, read_machine

Verdict = Literal["ok", "note", "wrong"]

SERVICE = "wheel-kiosk"
_SERVICE_USER = "wheel-kiosk"
_OLD_HEALTH_S = 60
_HUNG_MS = 20_000
_LITTLE_SPACE_MB = 200
_HOT_C = 80.0
_SCRIPTS = {
    "Latin": ("Aéß", "fonts-noto-core"),
    "Greek": ("Ωλ", "fonts-noto-core"),
    "Cyrillic": ("Жя", "fonts-noto-core"),
    "Arabic": ("عم", "fonts-noto-core"),
    "Hebrew": ("שם", "fonts-noto-core"),
    "Devanagari": ("नम", "fonts-noto-core"),
    "Thai": ("กข", "fonts-noto-core"),
    "Chinese": ("漢字", "fonts-noto-cjk"),
    "Japanese": ("かナ", "fonts-noto-cjk"),
    "Korean": ("한글", "fonts-noto-cjk"),
    "emoji": ("🎉", "fonts-noto-color-emoji"),
}
_LIBRARIES = {"EGL": "libegl1", "GLESv2": "libgles2", "gbm": "libgbm1", "drm": "libdrm2"}
_FIRMWARE_CONFIG = "/boot/firmware/config.txt"


class Finding(msgspec.Struct, frozen=True):
    """What one check found.

    Attributes:
        about: what was looked at.
        verdict: ok, note (the wheel works without it) or wrong.
        found: what is so.
        remedy: the line to type, or what to do; empty if nothing is to be done.
    """

    about: str
    verdict: Verdict
    found: str
    remedy: str = ""

    @property
    def wrong(self) -> bool:
        """Whether somebody has to do something."""
        return self.verdict == "wrong"


@dataclass(frozen=True)
class Place:
    """The machine, as far as the checks may ask it.

    Attributes:
        home: of the kiosk.
        environment: of the service, or ours.
        now: the machine's idea of UTC.
        machine: temperature, power, disk.
        root: where /sys, /dev, /proc and /run are.
        may: whether the user that runs the kiosk has all of these rights ("r", "rw", "rx") on a path.
        user: the name of that user.
        library: whether a shared library can be found.
        missing_glyphs: which characters of a text no font has.
        module: whether a Python module can be imported.
        versions: of what draws.
        service: what systemctl says: active, failed, inactive, or "" where there is no such service.
    """

    home: Home
    environment: Mapping[str, str]
    now: datetime
    machine: Machine
    root: Path
    may: Callable[[Path, str], bool]
    user: str
    library: Callable[[str], bool]
    missing_glyphs: Callable[[str], str]
    module: Callable[[str], bool]
    versions: str
    service: str
    loaded: Loaded = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "loaded", read_settings(self.home.settings, self.environment))


def _ok(about: str, found: str) -> Finding:
    return Finding(about, "ok", found)


def _wrong(about: str, found: str, remedy: str) -> Finding:
    return Finding(about, "wrong", found, remedy)


def _settings(place: Place) -> Iterator[Finding]:
    for problem in place.loaded.problems:
        yield _wrong(
            "settings",
            str(problem),
            f"sudo nano {place.home.settings}    then: wheel-kiosk config check; sudo systemctl restart {SERVICE}",
        )
    if not place.loaded.problems:
        yield _ok("settings", f"{len(place.loaded.sources)} keys are set")


def _driver(place: Place) -> Iterator[Finding]:
    missing = [package for name, package in _LIBRARIES.items() if not place.library(name)]
    if missing:
        packages = " ".join(missing)
        yield _wrong("driver", f"these are missing: {packages}", f"sudo apt-get install {packages} libgl1-mesa-dri")
    else:
        yield _ok("driver", place.versions)


def _display(place: Place) -> Iterator[Finding]:
    cards = sorted((place.root / "dev/dri").glob("card*"))
    if not cards:
        yield _wrong(
            "display",
            "there is no /dev/dri/card*: the kernel's display driver is not loaded",
            f"echo dtoverlay=vc4-kms-v3d | sudo tee -a {_FIRMWARE_CONFIG}    then: sudo reboot",
        )
        return
    closed = [card for card in cards if not place.may(card, "rw")]
    if len(closed) == len(cards):
        yield _wrong(
            "display",
            f"{place.user} may not use {', '.join(map(str, closed))}",
            f"sudo usermod -aG video,render {place.user}    then: sudo systemctl restart {SERVICE}",
        )
    found = connectors(place.root / "sys/class/drm")
    if found and not any(found.values()):
        yield _wrong(
            "display",
            f"nothing is connected at {', '.join(found)}",
            "Switch the display on and check its cable (on a Pi 4 or 5: the HDMI socket next to the power).",
        )
    elif not closed:
        yield _ok("display", ", ".join(name for name, there in found.items() if there) or "a card, no connectors")


def _fonts(place: Place) -> Iterator[Finding]:
    missing: dict[str, list[str]] = {}
    for script, (text, package) in _SCRIPTS.items():
        if place.missing_glyphs(text):
            missing.setdefault(package, []).append(script)
    for package, scripts in missing.items():
        yield _wrong("fonts", f"names in {', '.join(scripts)} show as boxes", f"sudo apt-get install {package}")
    if not missing:
        yield _ok("fonts", f"{len(_SCRIPTS)} scripts")


def _sound(place: Place) -> Iterator[Finding]:
    if not place.loaded.settings.sounds:
        yield _ok("sound", "turned off in kiosk.toml")
        return
    try:
        cards = [line for line in (place.root / "proc/asound/cards").read_text().splitlines() if "[" in line]
    except OSError:
        cards = []
    if not cards:
        yield Finding(
            "sound",
            "note",
            "there is no sound card: the wheel is silent",
            f"echo dtparam=audio=on | sudo tee -a {_FIRMWARE_CONFIG}    then: sudo reboot",
        )
    else:
        yield _ok("sound", cards[0].split(":")[-1].strip())


def _button(place: Place) -> Iterator[Finding]:
    settings = place.loaded.settings
    if settings.button_pin is None:
        yield _ok("button", "no GPIO button is set in kiosk.toml; keys, gamepads and USB buttons work")
        return
    chips = sorted((place.root / "dev").glob("gpiochip*"))
    missing = [name for name in ("gpiozero", "lgpio") if not place.module(name)]
    if missing:
        yield _wrong(
            "button", f"not installed: {', '.join(missing)}", "sudo apt-get install python3-gpiozero python3-lgpio"
        )
    elif not chips:
        yield _wrong(
            "button",
            f"button_pin is {settings.button_pin}, and this machine has no GPIO (/dev/gpiochip*)",
            f"sudo nano {place.home.settings}    and put a # before button_pin",
        )
    elif not any(place.may(chip, "rw") for chip in chips):
        yield _wrong(
            "button",
            f"{place.user} may not use {chips[0]}",
            f"sudo usermod -aG gpio {place.user}    then: sudo systemctl restart {SERVICE}",
        )
    else:
        yield _ok("button", f"GPIO {settings.button_pin}")


def _clock(place: Place) -> Iterator[Finding]:
    remedy = "sudo timedatectl set-ntp true    (or, without a network: sudo timedatectl set-time '2026-05-04 09:30:00')"
    last = _last_record_at(place.home)
    if last and place.now < last:
        ago = f"the ledger's last record is from {last:%Y-%m-%d %H:%M}, later than the clock says it is now"
        yield _wrong("clock", f"{ago}, {place.now:%Y-%m-%d %H:%M} UTC", remedy)
    else:
        yield _ok("clock", f"{place.now:%Y-%m-%d %H:%M} UTC")


def _last_record_at(home: Home) -> datetime | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, IndexError):
        last = json.loads(home.ledger.read_bytes().splitlines()[-1])
        return datetime.fromisoformat(last["at"])
    return None


def _disk(place: Place) -> Iterator[Finding]:
    machine, bad = place.machine, False
    if machine.disk_read_only:
        bad = True
        yield _wrong(
            "disk",
            "the disk is read-only, as it becomes after errors",
            "sudo reboot    and if that does not help: RUNBOOK.md, 'Replace the SD card'",
        )
    if machine.disk_errors:
        bad = True
        yield _wrong(
            "disk",
            f"the file system has counted {machine.disk_errors} errors",
            "wheel-admin bundle -o backup.wheel    then replace the SD card (RUNBOOK.md)",
        )
    if machine.disk_free_mb is not None and machine.disk_free_mb < _LITTLE_SPACE_MB:
        bad = True
        yield _wrong(
            "disk", f"{machine.disk_free_mb} MB are left", "sudo apt-get clean; sudo journalctl --vacuum-size=50M"
        )
    if not bad:
        yield _ok("disk", f"{machine.disk_free_mb} MB are left")


def _power(place: Place) -> Iterator[Finding]:
    machine, bad = place.machine, False
    if machine.undervoltage or machine.undervoltage_since_boot:
        bad = True
        when = "is" if machine.undervoltage else "was"
        yield _wrong("power", f"the power supply {when} too weak", "Use the Pi's own power supply and a short cable.")
    if machine.temperature_c is not None and machine.temperature_c >= _HOT_C:
        bad = True
        yield _wrong("power", f"the processor is at {machine.temperature_c:g} °C", "Give it air, or a fan.")
    if not bad:
        told = f"{machine.temperature_c:g} °C" if machine.temperature_c is not None else "the machine does not tell"
        yield _ok("power", told)


def _permissions(place: Place) -> Iterator[Finding]:
    home, user, bad = place.home, place.user, False
    again = "sudo systemd-tmpfiles --create /etc/tmpfiles.d/wheel-kiosk.conf"
    for path, rights, what in (
        (home.kiosk, "rwx", "write its own files in"),
        (home.snapshots, "rx", "read the lists in"),
        (home.trusted, "rx", "read the trusted keys in"),
    ):
        if not path.is_dir():
            bad = True
            yield _wrong("permissions", f"{path} is not there", f"wheel-admin init --home {home.root}    or: {again}")
        elif not place.may(path, rights):
            bad = True
            yield _wrong("permissions", f"{user} may not {what} {path}", again)
    for path in (home.kiosk_key, home.signing_key, *_files(home.secrets)):
        mode = _mode(path)
        if mode & 0o077:
            bad = True
            yield _wrong("permissions", f"others may read {path}, which must stay secret", f"sudo chmod 600 {path}")
    for path in (home.draft, *_files(home.snapshots), *_files(home.adopted)):
        if _mode(path) & 0o007 and _mode(home.root / path.relative_to(home.root).parts[0]) & 0o001:
            bad = True
            yield _wrong("permissions", f"everybody on this machine may read {path}", f"sudo chmod o= {path}")
            break
    if not bad:
        yield _ok("permissions", f"the kiosk runs as {user}")


def _files(directory: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return sorted(path for path in directory.iterdir() if path.is_file())
    return []


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _lists(place: Place) -> Iterator[Finding]:
    """Trust, and what would be shown."""
    home = place.home
    try:
        keys = load_trusted_keys(home.trusted)
    except WheelError as error:
        yield _wrong("trust", error.message, f"sudo ls -l {home.trusted}    and move away what is no key of yours")
        return
    if not keys:
        yield _wrong("trust", "no key is trusted: no list can be shown", f"wheel-admin init --home {home.root}")
        return
    history = _history(home)
    floor = Floor(history.generation, history.s) if history else Floor()
    published, refusals = newest_good(candidates(home.snapshots), keys=keys, floor=floor)
    for refusal in refusals:
        yield _wrong("trust", f"{refusal.path.name} is refused: {refusal.error.message}", "wheel-admin publish --force")
    if published is None and not refusals:
        yield Finding(
            "trust",
            "note",
            "no list is published: sample names are shown",
            "wheel-admin import people.xlsx; wheel-admin publish",
        )
    elif not refusals and published is not None:
        yield _ok("trust", f"generation {published.generation}, signed by a trusted key")


def _history(home: Home) -> History | None:
    try:
        return fold(read_records(home.ledger.read_bytes()))
    except (OSError, WheelError):
        return None


def _ledger(place: Place) -> Iterator[Finding]:
    path = place.home.ledger
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        yield _ok("ledger", "none yet")
        return
    except OSError as error:
        yield _wrong("ledger", f"{path} cannot be read: {error.strerror}", f"sudo ls -l {path}")
        return
    try:
        count = sum(1 for _ in read_records(data, name=str(path)))
    except WheelError as error:
        yield _wrong("ledger", error.message, "wheel-admin verify    and then RUNBOOK.md, 'The ledger is broken'")
    else:
        yield _ok("ledger", f"{count} records, and their chain holds")


def _service(place: Place) -> Iterator[Finding]:
    """The running kiosk, by its own report; and its watcher."""
    restart = f"sudo systemctl restart {SERVICE}    and to see why: journalctl -u {SERVICE} -n 50 -o cat"
    if place.service and place.service not in {"active", "activating"}:
        yield _wrong("service", f"it is {place.service}", restart)
        return
    path = place.root / "run/wheel-kiosk/health.json"
    path = path if path.exists() else place.home.kiosk / place.loaded.settings.health_file
    try:
        health = msgspec.json.decode(path.read_bytes(), type=Health)
        age_s = (place.now - datetime.fromisoformat(health.at)).total_seconds()
    except (OSError, msgspec.MsgspecError, ValueError):
        if place.service:
            yield _wrong("service", "it runs and says nothing of itself", restart)
        else:
            yield Finding("service", "note", "no kiosk runs here", "wheel-kiosk run")
        return
    if age_s > _OLD_HEALTH_S:
        yield _wrong("service", f"its last word is {age_s:.0f} s old", restart)
    elif health.last_frame_age_ms > _HUNG_MS:
        yield _wrong("service", f"no frame for {health.last_frame_age_ms // 1000} s: the screen hangs", restart)
    elif not health.watcher_alive:
        yield _wrong("watcher", "its thread has died: new lists do not arrive", restart)
    else:
        memory = f", {health.pss_mb:g} MB" if health.pss_mb is not None else ""
        yield _ok("service", f"{health.state}, generation {health.generation}, {health.spins} spins{memory}")
        yield _ok("watcher", "alive")


def _watches(place: Place) -> Iterator[Finding]:
    path = place.root / "proc/sys/fs/inotify/max_user_instances"
    try:
        most = int(path.read_text())
    except (OSError, ValueError):
        return
    if most < 16:
        yield _wrong(
            "watcher",
            f"the system allows {most} watchers a user: a new list shows only after up to 5 s",
            "echo fs.inotify.max_user_instances=128 | sudo tee /etc/sysctl.d/50-wheel.conf; sudo sysctl --system",
        )


CHECKS = (_settings, _driver, _display, _fonts, _sound, _button, _clock, _disk, _power, _permissions, _lists, _ledger)
CHECKS_OF_THE_SERVICE = (_service, _watches)


def examine(place: Place) -> list[Finding]:
    """Make every check. One that fails itself is a finding, too: the others are made all the same."""
    findings: list[Finding] = []
    for check in CHECKS + CHECKS_OF_THE_SERVICE:
        try:
            findings += check(place)
        except Exception as error:
            findings.append(Finding(check.__name__.strip("_"), "wrong", f"could not be looked at: {error!r}", ""))
    return findings


def answer(findings: list[Finding], *, as_json: bool) -> str:
    """Return what to print."""
    if as_json:
        return msgspec.json.format(msgspec.json.encode({"findings": findings}), indent=2).decode() + "\n"
    lines = []
    for finding in findings:
        lines.append(f"{finding.verdict.upper():6}{finding.about:13}{finding.found}")
        if finding.remedy:
            lines.append(f"{'':19}-> {finding.remedy}")
    wrong = sum(finding.wrong for finding in findings)
    lines.append(f"{wrong} thing{'s' if wrong != 1 else ''} to mend." if wrong else "Nothing is wrong.")
    return "\n".join(lines) + "\n"


def here(home: Home, environment: Mapping[str, str]) -> Place:
    """Return this machine."""
    # pygame is slow to import, and only its version and its fonts are wanted.
    import pygame  # noqa: PLC0415
    import pygame.freetype  # noqa: PLC0415

    from kiosk.screen.text import Typesetter  # noqa: PLC0415

    pygame.font.init()
    pygame.freetype.init()
    sdl = ".".join(map(str, pygame.get_sdl_version()))
    user = _kiosk_user(home)
    return Place(
        home=home,
        environment=environment,
        now=SystemClock().utc_now().astimezone(UTC),
        machine=read_machine(home.kiosk if home.kiosk.exists() else home.root),
        root=Path("/"),
        may=lambda path, rights: _may(user, path, rights),
        user=user or "this user",
        library=lambda name: ctypes.util.find_library(name) is not None,
        missing_glyphs=Typesetter().lacks,
        module=_importable,
        versions=f"SDL {sdl}, pygame-ce {pygame.version.ver}",
        service=_service_state(),
    )


def _kiosk_user(home: Home) -> str:
    """Return the service's user if it is a service's home and we may become that user; "" for ourselves."""
    if sys.platform == "win32" or os.geteuid() != 0 or str(home.root) != "/var/lib/wheel-kiosk":
        return ""
    import pwd  # noqa: PLC0415 - does not exist on Windows

    with contextlib.suppress(KeyError):
        return pwd.getpwnam(_SERVICE_USER).pw_name
    return ""


_ACCESS = (
    "import os, sys; bits = {'r': os.R_OK, 'w': os.W_OK, 'x': os.X_OK}\n"
    "sys.exit(not os.access(sys.argv[1], sum(bits[one] for one in sys.argv[2])))"
)


def _may(user: str, path: Path, rights: str) -> bool:
    """Ask as the user itself: groups and ACLs count, and root may everything."""
    if not user:
        bits = {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}
        return os.access(path, sum(bits[one] for one in rights))
    runuser = shutil.which("runuser") or "/usr/sbin/runuser"
    command = [runuser, "-u", user, "--", sys.executable, "-c", _ACCESS, str(path), rights]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 - our own words


def _importable(name: str) -> bool:
    import importlib.util  # noqa: PLC0415

    return importlib.util.find_spec(name) is not None


def _service_state() -> str:
    systemctl = shutil.which("systemctl")
    if systemctl is None or not Path("/run/systemd/system").exists():
        return ""
    if not Path(f"/etc/systemd/system/{SERVICE}.service").exists():
        return ""
    done = subprocess.run([systemctl, "is-active", SERVICE], check=False, capture_output=True, text=True)  # noqa: S603
    return done.stdout.strip()
