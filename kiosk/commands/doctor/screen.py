"""Checks of what the audience sees and hears: driver, display, fonts, sound."""

from collections.abc import Iterator

from kiosk.commands.doctor.finding import Finding, note, ok, wrong
from kiosk.commands.doctor.machine import SERVICE, ExaminedMachine
from kiosk.devices.display import connectors

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


def driver(machine: ExaminedMachine) -> Iterator[Finding]:
    """Are the libraries for drawing on a display without a desktop installed?"""
    missing = [package for name, package in _LIBRARIES.items() if not machine.library(name)]
    if missing:
        packages = " ".join(missing)
        yield wrong("driver", f"these are missing: {packages}", f"sudo apt-get install {packages} libgl1-mesa-dri")
    else:
        yield ok("driver", machine.versions)


def display(machine: ExaminedMachine) -> Iterator[Finding]:
    """Is a display connected, and may the kiosk draw on it?"""
    cards = sorted((machine.root / "dev/dri").glob("card*"))
    if not cards:
        yield wrong(
            "display",
            "there is no /dev/dri/card*: the kernel's display driver is not loaded",
            f"echo dtoverlay=vc4-kms-v3d | sudo tee -a {_FIRMWARE_CONFIG}    then: sudo reboot",
        )
        return
    closed = [card for card in cards if not machine.may(card, "rw")]
    if len(closed) == len(cards):
        yield wrong(
            "display",
            f"{machine.user} may not use {', '.join(map(str, closed))}",
            f"sudo usermod -aG video,render {machine.user}    then: sudo systemctl restart {SERVICE}",
        )
    found = connectors(machine.root / "sys/class/drm")
    if found and not any(found.values()):
        yield wrong(
            "display",
            f"nothing is connected at {', '.join(found)}",
            "Switch the display on and check its cable (on a Pi 4 or 5: the HDMI socket next to the power).",
        )
    elif not closed:
        yield ok("display", ", ".join(name for name, there in found.items() if there) or "a card, no connectors")


def fonts(machine: ExaminedMachine) -> Iterator[Finding]:
    """Can names in every script be shown?"""
    missing: dict[str, list[str]] = {}
    for script, (text, package) in _SCRIPTS.items():
        if machine.missing_glyphs(text):
            missing.setdefault(package, []).append(script)
    for package, scripts in missing.items():
        yield wrong("fonts", f"names in {', '.join(scripts)} show as boxes", f"sudo apt-get install {package}")
    if not missing:
        yield ok("fonts", f"{len(_SCRIPTS)} scripts")


def sound(machine: ExaminedMachine) -> Iterator[Finding]:
    """Is there a sound card, if sounds are wanted?"""
    if not machine.loaded.settings.sounds:
        yield ok("sound", "turned off in kiosk.toml")
        return
    try:
        cards = [line for line in (machine.root / "proc/asound/cards").read_text().splitlines() if "[" in line]
    except OSError:
        cards = []
    if not cards:
        yield note(
            "sound",
            "there is no sound card: the wheel is silent",
            f"echo dtparam=audio=on | sudo tee -a {_FIRMWARE_CONFIG}    then: sudo reboot",
        )
    else:
        yield ok("sound", cards[0].split(":")[-1].strip())
