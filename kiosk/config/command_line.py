"""The command line of `wheel-kiosk`, parsed into one checked value a command.

Invariant: inside the program there are no raw arguments. Nothing here imports pygame, so that `--help` and a wrong
option answer at once.
"""

import argparse
import os
import re
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from kiosk.config.help_texts import CONFIG_EPILOG, REHEARSE_EPILOG, REPLAY_EPILOG, RUN_EPILOG, TOP_EPILOG
from kiosk.config.runtime_versions import version_text
from kiosk.core.errors import UsageError
from kiosk.screen.options import SMALLEST, Choice, Rotation

ClockChoice = Literal["real", "simulated"]
LogFormat = Literal["text", "json"]
ConfigAction = Literal["check", "show", "sample"]
_MOST_FPS = 240


class RunOptions(msgspec.Struct, frozen=True):
    """Options of `wheel-kiosk run`.

    Attributes:
        home: the home directory.
        window: size in pixels; None for full screen.
        backend: what draws.
        clock: real, or simulated: the same ticks and frames without waiting.
        fps: frames a second; 0 leaves it to kiosk.toml.
        spins: how often to press the button unattended before leaving; None waits for people.
        screenshots: directory for pictures of idle, spinning and settled.
        report: file for the JSON report.
        heartbeat: file that is touched after presented frames, at most once a second.
        theme: `night`, `day` or a file; None leaves it to kiosk.toml, as with `backend`, `fps` and `rotate`.
        rotate: degrees clockwise.
        silent: no sound.
        wait_display: wait for a display instead of giving up.
        log_format: text for people, json for machines.
        verbose: log more.
        rehearsal_of: the home whose list is rehearsed, with its settings, on `home`; None if spins count.
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
    rehearsal_of: Path | None = None


class ReplayOptions(msgspec.Struct, frozen=True):
    """Options of `wheel-kiosk replay`; those shared with `RunOptions` mean the same.

    Attributes:
        spin: its number.
        generation: of its list; None for the newest that has such a spin.
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


class ConfigOptions(msgspec.Struct, frozen=True):
    """Options of `wheel-kiosk config`: check the file, show what is in force, or print a sample."""

    home: Path
    action: ConfigAction


class DoctorOptions(msgspec.Struct, frozen=True):
    """Options of `wheel-kiosk doctor`: the home to examine, and whether to answer in JSON."""

    home: Path
    as_json: bool = False


class RehearseOptions(msgspec.Struct, frozen=True):
    """Options of `wheel-kiosk rehearse`: what `run` would be called with on the real home."""

    run: RunOptions


class TrustOptions(msgspec.Struct, frozen=True):
    """Options of `wheel-kiosk trust`: the organiser's key file, and the code that their machine shows, or ""."""

    home: Path
    key_file: Path
    code: str


class AcceptOptions(msgspec.Struct, frozen=True):
    """Options of `wheel-kiosk accept`: the home to examine, where the report goes, how often to spin, and in what."""

    home: Path
    output: Path
    spins: int = 10
    window: str = ""


Options = RunOptions | RehearseOptions | ReplayOptions | ConfigOptions | DoctorOptions | TrustOptions | AcceptOptions


def default_home() -> Path:
    """Return WHEEL_HOME, or `wheel-home` in the user's directory, or in the current one if the user has none."""
    named = os.environ.get("WHEEL_HOME")
    if named:
        return Path(named)
    try:
        return Path.home() / "wheel-home"
    except RuntimeError:  # a user without an entry of its own
        return Path.cwd() / "wheel-home"


def parse(arguments: list[str] | None = None) -> Options:
    """Parse the command line. Prints help, the version or a usage message and exits where argparse does.

    Raises:
        UsageError: an option has an impossible value.
    """
    found = _parser().parse_args(arguments)
    try:
        home = found.home.expanduser()
    except RuntimeError as error:
        raise UsageError(
            f"{found.home} cannot be found: there is no such user.", remedy="Write the path out."
        ) from error
    match found.command:
        case "config":
            return ConfigOptions(home=home, action=found.action)
        case "doctor":
            return DoctorOptions(home=home, as_json=found.as_json)
        case "trust":
            return TrustOptions(home=home, key_file=found.key_file, code=found.code)
        case "accept":
            _window(found.window)
            return AcceptOptions(home=home, output=found.output, spins=max(1, found.spins), window=found.window or "")
        case "replay":
            return ReplayOptions(home=home, spin=found.spin, generation=found.generation, **_shown(found))
        case "rehearse":
            return RehearseOptions(RunOptions(home=home, **_played(found), **_shown(found)))
        case _:
            return RunOptions(
                home=home,
                report=found.report,
                heartbeat=found.heartbeat,
                wait_display=found.wait_display,
                **_played(found),
                **_shown(found),
            )


def _played(found: argparse.Namespace) -> dict[str, Any]:
    """Return the options that `run` and `rehearse` share."""
    if found.spins is not None and found.spins < 1:
        raise UsageError(f"--spins {found.spins} is not at least 1.")
    return {"spins": found.spins, "theme": found.theme, "rotate": found.rotate, "silent": found.silent}


def _shown(found: argparse.Namespace) -> dict[str, Any]:
    """Return the options that `run` and `replay` share."""
    if found.fps is not None and not 1 <= found.fps <= _MOST_FPS:
        raise UsageError(f"--fps {found.fps} is outside 1..{_MOST_FPS}.")
    return {
        "window": _window(found.window),
        "backend": found.backend,
        "clock": found.clock,
        "fps": found.fps or 0,
        "screenshots": found.screenshots,
        "log_format": found.log_format,
        "verbose": found.verbose,
    }


class _Version(argparse.Action):
    """Prints the versions and exits; pygame is imported only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """See `argparse.Action`."""
        print(version_text())  # noqa: T201 - for the person at the terminal
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wheel-kiosk",
        description="A prize-draw wheel: shows the published list, spins on a press, and records every spin.",
        epilog=TOP_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version, and those of Python and SDL")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_rehearse(commands)
    _add_replay(commands)
    config = commands.add_parser(
        "config",
        help="check or show kiosk.toml",
        description="Check or show the configuration of this kiosk.",
        epilog=CONFIG_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    config.add_argument("action", choices=get_args(ConfigAction), help="what to do")
    _add_home(config)
    trust = commands.add_parser(
        "trust",
        help="let an organiser's lists onto this kiosk",
        description="Trust an organiser's public key, as wheel-admin pair writes it, after you compared its code.",
    )
    trust.add_argument("key_file", type=Path, metavar="KEYFILE", help="the file that wheel-admin pair wrote")
    trust.add_argument("--code", default="", help="the code that wheel-admin pair shows, instead of being asked")
    _add_home(trust)
    doctor = commands.add_parser(
        "doctor",
        help="find out what is wrong with this machine",
        description="Check display, fonts, sound, button, clock, disk, power, permissions, keys, lists, ledger and "
        "service. For each problem, print what to type. Changes nothing. Exit code 1 if there is a problem.",
    )
    doctor.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    _add_home(doctor)
    _add_accept(commands)
    return parser


def _add_accept(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    accept = commands.add_parser(
        "accept",
        help="try out this machine, and write a report",
        description="Spin sample names, measure frames and temperature, ask what only a person can see or hear, and "
        "write one report. Stop the service first. Records no draw. Exit code 1 if something failed.",
    )
    accept.add_argument("--output", type=Path, default=Path("acceptance.json"), metavar="FILE", help="the report")
    accept.add_argument("--spins", type=int, default=10, metavar="N", help="spins to make (default: %(default)s)")
    accept.add_argument("--window", metavar="WxH", help="a window of this size (default: full screen)")
    _add_home(accept)


def _add_run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    run = commands.add_parser(
        "run",
        help="show the wheel",
        description="Show the wheel of the newest published list; full screen unless --window is given.",
        epilog=RUN_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(run)
    _add_played(run)
    run.add_argument("--report", type=Path, metavar="FILE", help="write measured figures as JSON when leaving")
    run.add_argument("--heartbeat", type=Path, metavar="FILE", help="touch FILE after presented frames, once a second")
    run.add_argument("--wait-display", action="store_true", help="wait until a display is connected")


def _add_rehearse(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    rehearse = commands.add_parser(
        "rehearse",
        help="show the wheel without drawing anything",
        description="Run the wheel with the real list and prizes, marked REHEARSAL: nothing counts. "
        "The ledger records that a rehearsal began. Its secrets and results are thrown away when it ends.",
        epilog=REHEARSE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(rehearse)
    _add_played(rehearse)


def _add_played(command: argparse.ArgumentParser) -> None:
    command.add_argument("--spins", type=int, metavar="N", help="press the button N times, then leave")
    command.add_argument("--theme", metavar="NAME|FILE", help="night, day, or a theme file (default: from kiosk.toml)")
    command.add_argument("--rotate", type=int, choices=get_args(Rotation), help="rotate the picture, degrees clockwise")
    command.add_argument("--silent", action="store_true", help="no sound")


def _add_replay(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    replay = commands.add_parser(
        "replay",
        help="show a past spin again",
        description="Show a past spin again, from the ledger and its list, marked REPLAY. Nothing is recorded.",
        epilog=REPLAY_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    replay.add_argument("--spin", type=int, required=True, metavar="N", help="number of the spin")
    replay.add_argument(
        "--generation", type=int, metavar="G", help="of its list (default: the newest that has such a spin)"
    )
    _add_common(replay)


def _add_home(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--home",
        type=Path,
        default=default_home(),
        metavar="DIR",
        help="directory of lists, keys and ledger (default: WHEEL_HOME, or %(default)s)",
    )


def _add_common(command: argparse.ArgumentParser) -> None:
    _add_home(command)
    command.add_argument(
        "--window", metavar="WxH", help=f"a window of this size, at least {SMALLEST[0]}x{SMALLEST[1]}, or upright"
    )
    command.add_argument(
        "--backend", choices=get_args(Choice), help="what draws: GPU or software (default: from kiosk.toml)"
    )
    command.add_argument(
        "--clock",
        choices=get_args(ClockChoice),
        default="real",
        help="simulated: the same ticks and frames without waiting (default: %(default)s)",
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
