"""`make demo`: the whole main job, with real files and real processes, in the directory `demo/`.

Makes a workbook with 3000 participants and a few faulty rows, imports and publishes it with `wheel-admin`, runs
`wheel-kiosk` (in a window, or off screen where there is no display), and has the ledger verified. It prints the story:
each command, what it says, and in the end the verdict and what that means.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from demo.workbook import write_workbook
from kiosk.core.errors import WheelError
from kiosk.supervise.run_report import RunReport

_TITLE = "Summer Party 2026"
_MEANING = (
    "SIGNED means: the holders of the kiosk's and the organiser's keys vouch for this list and these records; "
    "it does not mean that no other draw was tried."
)


def main() -> int:
    """Run the demo; returns the exit code of the first command that failed, or 0."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--directory", type=Path, default=Path("demo"), help="deleted first (default: %(default)s)")
    parser.add_argument("--size", default="1920x1080", help="of the wheel off screen (default: %(default)s)")
    options = parser.parse_args()
    try:
        _demo(options.directory, options.size)
    except subprocess.CalledProcessError as error:
        print(f"\nThe demo stopped: that command ended with {error.returncode}.", file=sys.stderr)
        return error.returncode or 1
    except WheelError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _demo(directory: Path, size: str) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    home, workbook, pictures, report = (directory / name for name in ("home", "people.xlsx", "pictures", "report.json"))

    _say("An organiser's workbook: 3000 participants in many scripts, and a few faulty rows.")
    written = write_workbook(workbook)
    print(f"{workbook}: {written.valid} good rows, {written.faulty} faulty ones")

    _say("The organiser puts it on the wheel with one command.")
    _admin("start", str(workbook), "--title", _TITLE, "--yes", home=home)

    if _has_display():
        _say("The wheel opens in a window: space spins, Esc leaves.")
        _kiosk("--window", "1280x720", "--report", str(report), home=home)
    else:
        _say("No display here: one spin of 11 seconds off screen, in real time.")
        _kiosk("--window", size, "--spins", "1", "--screenshots", str(pictures), "--report", str(report), home=home)
        print("\n".join(str(path) for path in sorted(pictures.glob("*.png"))))

    _say("What happened, and whether a stranger agrees.")
    spins = msgspec.json.decode(report.read_bytes(), type=RunReport).spins
    if not spins:
        print("Nobody pressed, so there is nothing to verify.")
        return
    _admin("draws", home=home)
    _admin("verify", home=home)
    last = spins[-1]
    print(f"\nWinner: ticket {last.ticket}; the pointer stands on {last.under_pointer}, after {last.duration_ms} ms.")
    print(_MEANING)


def _has_display() -> bool:
    if os.environ.get("SDL_VIDEODRIVER"):
        return os.environ["SDL_VIDEODRIVER"] not in {"offscreen", "dummy"}
    return sys.platform in {"win32", "darwin"} or any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY"))


def _admin(*arguments: str, home: Path) -> None:
    print(f"\n$ {shlex.join(['wheel-admin', *arguments])}", flush=True)
    command = [sys.executable, "-m", "wheel_admin", *arguments, "--home", str(home)]
    subprocess.run(command, check=True)  # noqa: S603 - our own command


def _kiosk(*arguments: str, home: Path) -> None:
    environment = dict(os.environ)
    if not _has_display():
        environment.setdefault("SDL_VIDEODRIVER", "offscreen")
        environment.setdefault("SDL_AUDIODRIVER", "dummy")
    command = [sys.executable, "-m", "kiosk", "run", "--home", str(home), *arguments]
    print(f"\n$ {shlex.join(['wheel-kiosk', 'run', *arguments])}", flush=True)
    done = subprocess.run(command, check=False, env=environment, stderr=subprocess.PIPE, text=True)  # noqa: S603
    if done.returncode:
        print(done.stderr, file=sys.stderr)  # its log is not part of the story, unless the story ends here
        done.check_returncode()


def _say(text: str) -> None:
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
