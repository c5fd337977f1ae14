"""The machine that the doctor examines, as far as the checks may ask it.

Invariant: every question to the system goes through an `ExaminedMachine`, so that a test can plant any fault. It opens
neither the display nor the sound: the running kiosk may be using them.
"""

import contextlib
import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kiosk.config.settings import LoadedSettings, read_settings
from kiosk.core.clock import SystemClock
from kiosk.core.home import Home
from kiosk.supervise.health.machine import MachineHealth, read_machine

SERVICE = "wheel-kiosk"
"""Name of the systemd service, and of its user."""


@dataclass(frozen=True)
class ExaminedMachine:
    """A machine.

    Attributes:
        home: of the kiosk.
        environment: variables that override kiosk.toml.
        now: UTC by the machine's clock.
        health: temperature, power, disk.
        root: where /sys, /dev, /proc and /run are.
        may: whether the user that runs the kiosk has all of these rights ("r", "rw", "rx") on a path.
        user: the name of that user.
        library: whether a shared library can be found.
        missing_glyphs: which characters of a text no font has.
        module: whether a Python module can be imported.
        versions: of SDL and pygame-ce.
        service: what systemctl says: active, failed, inactive, or "" where there is no such service.
    """

    home: Home
    environment: Mapping[str, str]
    now: datetime
    health: MachineHealth
    root: Path
    may: Callable[[Path, str], bool]
    user: str
    library: Callable[[str], bool]
    missing_glyphs: Callable[[str], str]
    module: Callable[[str], bool]
    versions: str
    service: str
    loaded: LoadedSettings = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "loaded", read_settings(self.home.settings, self.environment))


def here(home: Home, environment: Mapping[str, str]) -> ExaminedMachine:
    """Return this machine."""
    # pygame is slow to import, and only its version and its fonts are wanted.
    import pygame  # noqa: PLC0415
    import pygame.freetype  # noqa: PLC0415

    from kiosk.screen.typography.typesetter import Typesetter  # noqa: PLC0415

    pygame.font.init()
    pygame.freetype.init()
    sdl = ".".join(map(str, pygame.get_sdl_version()))
    user = _kiosk_user(home)
    return ExaminedMachine(
        home=home,
        environment=environment,
        now=SystemClock().utc_now().astimezone(UTC),
        health=read_machine(home.kiosk if home.kiosk.exists() else home.root),
        root=Path("/"),
        may=lambda path, rights: may_access(user, path, rights),
        user=user or "this user",
        library=lambda name: ctypes.util.find_library(name) is not None,
        missing_glyphs=Typesetter().lacks,
        module=_importable,
        versions=f"SDL {sdl}, pygame-ce {pygame.version.ver}",
        service=_service_state(),
    )


def _kiosk_user(home: Home) -> str:
    """Return the service's user for the service's home if we are root; "" for ourselves."""
    if sys.platform == "win32" or os.geteuid() != 0 or str(home.root) != "/var/lib/wheel-kiosk":
        return ""
    import pwd  # noqa: PLC0415 - does not exist on Windows

    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SERVICE).pw_name
    return ""


_ACCESS = (
    "import os, sys; bits = {'r': os.R_OK, 'w': os.W_OK, 'x': os.X_OK}\n"
    "sys.exit(not os.access(sys.argv[1], sum(bits[one] for one in sys.argv[2])))"
)


def may_access(user: str, path: Path, rights: str) -> bool:
    """Return whether `user` ("" for this one) has all `rights` on `path`.

    Another user is asked in a process of its own: groups and ACLs count, and root may do everything.
    """
    if not user:
        bits = {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}
        return os.access(path, sum(bits[one] for one in rights))
    runuser = shutil.which("runuser") or "/usr/sbin/runuser"
    command = [runuser, "-u", user, "--", sys.executable, "-P", "-c", _ACCESS, str(path), rights]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 - no input from outside


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
