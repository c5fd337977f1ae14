"""What the command line asks for, as one checked value."""

import argparse
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from kiosk.core.errors import UsageError
from kiosk.screen.options import SMALLEST, Choice, Rotation

ClockChoice = Literal["real", "simulated"]
LogFormat = Literal["text", "json"]
ConfigAction = Literal["check", "show", "sample"]
_MOST_FPS = 240

_EPILOG = """\
keys:
  space, enter, any button of a gamepad or USB button   spin
  A, and A again within 5 seconds                        the last winner is not here: record it
  Ctrl+Shift+D                                           diagnostics, and back
  Esc (in a window), Ctrl+Shift+Q (full screen)          leave

examples:
  wheel-kiosk run --home ~/wheel-home --window 1280x720
  SDL_VIDEODRIVER=offscreen wheel-kiosk run --window 1920x1080 --spins 1 --screenshots pictures

exit codes:
  0 done, 1 a defect, 2 wrong command line, 5 another kiosk runs on this home, 6 a key is wrong,
  7 the home is missing, unwritable or full, 8 the ledger is broken, 9 no display,
  10 too much memory: start it again
"""


_CONFIG_EPILOG = """\
check    says what is wrong in kiosk.toml and in the environment, with line and remedy; exit code 2 if anything is
show     prints every key with its meaning, its value, and where that comes from
sample   prints every key with its meaning and its default

The environment comes before the file: WHEEL_KIOSK_ROTATE=90 is rotate = 90.
"""

_REPLAY_EPILOG = """\
examples:
  wheel-kiosk replay --spin 3 --window 1280x720
  SDL_VIDEODRIVER=offscreen wheel-kiosk replay --spin 3 --clock simulated --window 1920x1080 --screenshots pictures
"""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How `wheel-kiosk run` is to run.

    Attributes:
        home: the home directory.
        window: size in pixels; None for full screen.
        backend: which back end to draw with.
        clock: real, or simulated: the same ticks and frames without waiting.
        fps: frames a second; 0 leaves it to kiosk.toml.
        spins: presses the button itself that often and then leaves; None waits for people.
        screenshots: directory for pictures of idle, spinning and settled.
        report: file for the JSON report.
        heartbeat: file that is touched after presented frames, at most once a second.
        theme: `night`, `day` or a file; None leaves it to kiosk.toml, as with `backend`, `fps` and `rotate`.
        rotate: degrees clockwise.
        silent: no sound.
        wait_display: do not give up without a display, but wait for one.
        log_format: text for people, json for machines.
        verbose: log more.
    """

    home: Path
    window: tuple[int, int] | None = None
    backend: Choice | None = None
    clock: ClockChoice = "real"
    fps: int = 0
    spins: int | None = None
    screenshots: Path | None = None
    report: Path | None = None
    heartbeat: Path | None = None
    theme: str | None = None
    rotate: Rotation | None = None
    silent: bool = False
    wait_display: bool = False
    log_format: LogFormat = "text"
    verbose: bool = False


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """How `wheel-kiosk replay` is to run; what it shares with `RunOptions` means the same.

    Attributes:
        spin: its number.
        generation: of its list; None for the last one that had such a spin.
    """

    home: Path
    spin: int
    generation: int | None = None
    window: tuple[int, int] | None = None
    backend: Choice | None = None
    clock: ClockChoice = "real"
    fps: int = 0
    screenshots: Path | None = None
    log_format: LogFormat = "text"
    verbose: bool = False


@dataclass(frozen=True, slots=True)
class ConfigOptions:
    """What `wheel-kiosk config` is to do: check the file, show what is in force, or print a sample."""

    home: Path
    action: ConfigAction


@dataclass(frozen=True, slots=True)
class DoctorOptions:
    """What `wheel-kiosk doctor` is to look at, and whether it answers in JSON."""

    home: Path
    as_json: bool = False


Options = RunOptions | ReplayOptions | ConfigOptions | DoctorOptions


def default_home() -> Path:
    """Return WHEEL_HOME, or `wheel-home` in the user's directory, or in this one if the user has none."""
    named = os.environ.get("WHEEL_HOME")
    if named:
        return Path(named)
    try:
        return Path.home() / "wheel-home"
    except RuntimeError:  # a user without an entry of its own
        return Path.cwd() / "wheel-home"


def parse(arguments: list[str] | None = None) -> Options:
    """Read the command line. Prints help or a usage message and leaves where argparse does.

    Raises:
        UsageError: an option has an impossible value.
    """
    parser = argparse.ArgumentParser(
        prog="wheel-kiosk",
        description="The prize-draw wheel: shows the published list, spins on a press, records every spin.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="show the wheel",
        description="Show the wheel of the newest published list, full screen unless --window says otherwise.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    replay = commands.add_parser(
        "replay",
        help="show a past spin again",
        description="Show a past spin again, from the ledger and its list, marked REPLAY. Nothing is recorded.",
        epilog=_REPLAY_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    replay.add_argument("--spin", type=int, required=True, metavar="N", help="number of the spin")
    replay.add_argument("--generation", type=int, metavar="G", help="of its list (default: the last with such a spin)")
    config = commands.add_parser(
        "config",
        help="check or show kiosk.toml",
        description="Check or show how this kiosk is set up.",
        epilog=_CONFIG_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    config.add_argument("action", choices=get_args(ConfigAction), help="what to do")
    doctor = commands.add_parser(
        "doctor",
        help="say what is wrong with this machine",
        description="Look at display, fonts, sound, button, clock, disk, permissions, keys, lists and the service, and "
        "say for everything that is wrong what to type. Changes nothing. Exit code 1 if anything is wrong.",
    )
    doctor.add_argument("--json", action="store_true", dest="as_json", help="answer with one JSON object")
    for command in (config, doctor):
        _add_home(command)
    for command in (run, replay):
        _add_common(command)
    run.add_argument("--spins", type=int, metavar="N", help="press the button N times, then leave")
    run.add_argument("--report", type=Path, metavar="FILE", help="write a JSON report when leaving")
    run.add_argument("--heartbeat", type=Path, metavar="FILE", help="touch FILE after presented frames, once a second")
    run.add_argument("--theme", metavar="NAME|FILE", help="night, day, or a theme file (default: from kiosk.toml)")
    run.add_argument("--rotate", type=int, choices=get_args(Rotation), help="turn the picture, degrees clockwise")
    run.add_argument("--silent", action="store_true", help="no sound")
    run.add_argument("--wait-display", action="store_true", help="wait until a display is connected")
    found = parser.parse_args(arguments)
    if found.command == "config":
        return ConfigOptions(home=found.home.expanduser(), action=found.action)
    if found.command == "doctor":
        return DoctorOptions(home=found.home.expanduser(), as_json=found.as_json)
    if found.fps is not None and not 1 <= found.fps <= _MOST_FPS:
        raise UsageError(f"--fps {found.fps} is outside 1..{_MOST_FPS}.")
    if found.command == "replay":
        return ReplayOptions(
            home=found.home.expanduser(),
            spin=found.spin,
            generation=found.generation,
            window=_window(found.window),
            backend=found.backend,
            clock=found.clock,
            fps=found.fps or 0,
            screenshots=found.screenshots,
            log_format=found.log_format,
            verbose=found.verbose,
        )
    if found.spins is not None and found.spins < 1:
        raise UsageError(f"--spins {found.spins} is not at least 1.")
    return RunOptions(
        home=found.home.expanduser(),
        window=_window(found.window),
        backend=found.backend,
        clock=found.clock,
        fps=found.fps or 0,
        spins=found.spins,
        screenshots=found.screenshots,
        report=found.report,
        heartbeat=found.heartbeat,
        theme=found.theme,
        rotate=found.rotate,
        silent=found.silent,
        wait_display=found.wait_display,
        log_format=found.log_format,
        verbose=found.verbose,
    )


def _add_home(command: argparse.ArgumentParser) -> None:
    home = default_home()
    command.add_argument("--home", type=Path, default=home, metavar="DIR", help="the home (default: %(default)s)")


def _add_common(command: argparse.ArgumentParser) -> None:
    _add_home(command)
    command.add_argument("--window", metavar="WxH", help=f"a window of that size, at least {SMALLEST[0]}x{SMALLEST[1]}")
    command.add_argument("--backend", choices=get_args(Choice), help="how to draw (default: from kiosk.toml)")
    command.add_argument(
        "--clock",
        choices=get_args(ClockChoice),
        default="real",
        help="simulated: same ticks and frames, no waiting (default: %(default)s)",
    )
    command.add_argument("--fps", type=int, metavar="N", help="frames a second (default: from kiosk.toml)")
    command.add_argument("--screenshots", type=Path, metavar="DIR", help="save idle.png, spinning.png and settled.png")
    command.add_argument(
        "--log-format", choices=get_args(LogFormat), default="text", help="json for machines (default: %(default)s)"
    )
    command.add_argument("--verbose", action="store_true", help="log more")


def _window(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", text)
    if not match:
        raise UsageError(f"--window {text} is not WIDTHxHEIGHT.", remedy="Write it like --window 1280x720.")
    size = (int(match.group(1)), int(match.group(2)))
    if max(size) < SMALLEST[0] or min(size) < SMALLEST[1]:
        raise UsageError(f"--window {text} is too small: names need at least {SMALLEST[0]}x{SMALLEST[1]}, or upright.")
    return size
