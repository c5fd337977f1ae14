"""Plays an evening of prizes in a real window, by keys alone: `python -m tests.e2e.evening_in_window DIR [WxH ...]`.

Five prizes (1, 3, 50 in one press, 10 by tens for the group staff, 2 with 3 reserves), two absences, a promotion, a
correction in the middle, a power cut while the 50 appear, the report and the close. The verifier judges each step. A
picture of each screen stays in DIR.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pygame

from kiosk.core.home import Home
from tests.e2e.evening_workbook import workbook
from tests.e2e.processes import ROOT, admin, environment, kiosk_command, records, status, verify, wait_for
from tests.e2e.x_server import XServer, x_server

SIZES = ("1920x1080", "1080x1920", "800x480")


@dataclass
class Played:
    """What happened.

    Attributes:
        home: of the kiosk.
        steps: the verifier's last line after each step, by its name.
        pictures: names of the screens that were kept.
    """

    home: Home
    steps: dict[str, str] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)


class Stage:
    """The kiosk's window, the keyboard before it, and the organiser beside it."""

    def __init__(self, directory: Path, server: XServer, size: str) -> None:
        self.played = Played(Home(directory / "home"))
        self.home = self.played.home
        self._directory = directory
        self._server = server
        self._size = size
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the kiosk, and wait until it shows its list."""
        self.home.status.unlink(missing_ok=True)
        with (self._directory / "kiosk.log").open("a") as log:
            self._process = subprocess.Popen(
                kiosk_command(self.home, "--window", self._size, "--backend", "software"),
                cwd=ROOT,
                env=environment(SDL_VIDEODRIVER="x11", DISPLAY=self._server.name),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for(self.home.status.exists, "the kiosk")

    def log(self) -> str:
        """Return what the kiosk has logged."""
        return (self._directory / "kiosk.log").read_text()

    def end(self, number: int) -> None:
        """Send the kiosk a signal, and wait for its end."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait()

    def picture(self, name: str, *, after: float = 0.5) -> None:
        """Keep a picture of the screen, in a moment."""
        time.sleep(after)
        self.played.pictures.append(name)
        picture = self._server.picture()  # its fourth byte is not used, and is no opacity
        plain = pygame.image.frombytes(pygame.image.tobytes(picture, "RGB"), picture.get_size(), "RGB")
        pygame.image.save(plain, self._directory / f"{len(self.played.pictures):02}-{name}.png")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self._server.press(key)
            time.sleep(0.2)

    def spin(self) -> dict[str, Any]:
        """Press space until it counts, and wait until the wheel and the board have come to rest; returns the result."""
        before = len(records(self.home, "open"))
        wait_for(lambda: self._counts(before), "a press that counts")
        wait_for(lambda: len(records(self.home, "shown")) == before + 1, "the wheel to come to rest")
        return records(self.home, "result")[-1]

    def _counts(self, before: int) -> bool:
        self._server.press("space")
        time.sleep(0.3)
        return len(records(self.home, "open")) > before

    def do(self, *arguments: str) -> str:
        """Run a command of the organiser's."""
        return admin(self.home.root, *arguments)

    def judge(self, step: str) -> None:
        """Let the verifier judge; the kiosk signs the head right after a record."""
        wait_for(lambda: self._signed(step), f"SIGNED after {step}")

    def _signed(self, step: str) -> bool:
        done = verify(self.home)
        self.played.steps[step] = (done.stdout.strip().splitlines() or [done.stderr])[-1]
        return done.returncode == 0

    def shows_generation(self, generation: int) -> None:
        """Wait until the list is on the wheel."""
        wait_for(lambda: status(self.home).generation == generation, f"generation {generation} on the wheel")

    def settled(self) -> bool:
        """Say whether keys count again after the last spin."""
        log = self.log()
        return log.rfind("settling -> idle") > log.rfind("spinning -> settling")

    def frees(self, *keys: str) -> None:
        """Report an absence by keys."""
        before = len(records(self.home, "claim"))
        self.press(*keys)
        wait_for(lambda: len(records(self.home, "claim")) > before, "the absence")


@contextlib.contextmanager
def stage(directory: Path, size: str) -> Iterator[Stage]:
    """Yield a stage on an X server of that size; its kiosk is killed in the end."""
    width, height = (int(side) for side in size.split("x"))
    with x_server(directory, (width, height)) as server:
        one = Stage(directory, server, size)
        try:
            yield one
        finally:
            with contextlib.suppress(AssertionError):
                one.end(signal.SIGKILL)


def play(directory: Path, size: str) -> Played:
    """Play the evening on a screen of `size`, such as "800x480"; `directory` is empty and takes home and pictures."""
    with stage(directory, size) as one:
        one.do("init", "--no-passphrase")
        one.do("title", "Summer party")
        one.do("import", str(workbook(directory / "evening.xlsx")))
        one.do("publish")
        one.start()
        one.picture("idle", after=2)
        for act in (_one_prize, _absence, _hampers, _correction, _fifty, _tens, _reserves, _end):
            act(one)
            one.judge(act.__name__.removeprefix("_"))
        return one.played


def _one_prize(one: Stage) -> None:
    one.press("Right")
    one.picture("next-prize")
    one.press("Left")
    one.spin()
    one.picture("winner", after=2)


def _absence(one: Stage) -> None:
    wait_for(one.settled, "the keys to count")
    one.press("a")
    one.picture("absent-question")
    one.frees("a")
    one.picture("absent-answer")
    one.spin()  # the bike again


def _hampers(one: Stage) -> None:
    for _ in range(3):
        one.spin()
    one.picture("last-hamper", after=9)
    one.press("w")
    one.picture("winners")
    one.press("w", "b")
    one.picture("curtain", after=1.5)
    one.press("b")


def _correction(one: Stage) -> None:
    one.do("entries", "rename", "E0007", "Guest Number 7")
    one.do("prizes", "add", "Door prize", "--quantity", "2", "--per-press", "2")
    one.do("publish")
    one.shows_generation(2)
    one.picture("after-correction")


def _fifty(one: Stage) -> None:
    before = len(records(one.home, "open"))
    one.press("space")
    wait_for(lambda: len(records(one.home, "result")) > before, "the draw of 50")
    one.picture("turning", after=5)
    one.picture("board-fills", after=9.5)
    one.end(signal.SIGKILL)  # the power is gone while names appear
    drawn = records(one.home, "result")[-1]["winners"]
    assert len(drawn) == 50
    assert len(records(one.home, "shown")) == before, "recorded as shown before the board was full"
    one.start()
    wait_for(lambda: len(records(one.home, "shown")) > before, "the interrupted press")
    assert records(one.home, "result")[-1]["winners"] == drawn
    assert "finishing the spin that was interrupted" in one.log()
    one.picture("board-of-fifty", after=1)
    one.press("Right")
    one.picture("board-page-2", after=1)


def _tens(one: Stage) -> None:
    drawn = one.spin()
    assert len(drawn["winners"]) == 10
    assert all(int(ticket[1:]) % 3 == 0 for ticket in drawn["winners"]), "somebody who is not of the staff"
    one.picture("board-of-ten", after=1)


def _reserves(one: Stage) -> None:
    one.spin()  # the two trips
    one.spin()  # and their reserves
    wait_for(one.settled, "the keys to count")
    one.picture("reserves")
    one.press("a")
    one.picture("which-place")
    one.frees("1", "a")
    assert records(one.home, "claim")[-1]["reserve"], "no reserve moved up"
    one.picture("reserve-moved-up")


def _end(one: Stage) -> None:
    places = sum(len(record["winners"]) for record in records(one.home, "result"))
    while places < 1 + 1 + 3 + 50 + 10 + 5 + 2:
        places += len(one.spin()["winners"])
    one.picture("all-drawn", after=25)
    one.do("report", "-o", str(one.home.root.parent / "report.html"))
    one.do("event", "close", "-o", str(one.home.root.parent / "closed"))
    wait_for(lambda: bool(records(one.home, "close")), "the close")
    one.picture("closed", after=2)
    one.press("ctrl+shift+d")
    one.picture("diagnostics")


def main() -> None:
    """Play at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="for the pictures")
    parser.add_argument("sizes", nargs="*", metavar="WxH", default=SIZES, help=f"of the window: {', '.join(SIZES)}")
    asked = parser.parse_args()
    directory, sizes = asked.directory, asked.sizes
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    for size in sizes:
        place = directory / size
        place.mkdir(parents=True)
        played = play(place, size)
        sys.stdout.write(f"{size}: {len(played.pictures)} pictures\n")
        sys.stdout.writelines(f"    {step}: {sentence}\n" for step, sentence in played.steps.items())


if __name__ == "__main__":
    main()
